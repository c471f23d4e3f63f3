//! How the tools could be divided among several servers.

use super::{MAX_LINE, Sheet, counted};
use crate::engine::{
    report::{
        escape::shorten,
        grouped,
        page::{Page, code, message},
        split::{Wording, reason},
    },
    semantics::split::{Plan, Verdict},
};

/// How many servers are shown, tools of each, and remarks.
const MAX_SERVERS: usize = 100;
const MAX_TOOLS: usize = 100;
const MAX_REMARKS: usize = 100;
/// Characters of a remark: many names stand in it.
const MAX_REMARK: usize = 4_000;
const WORDING: Wording = Wording {
    most_names: 40,
    most_edges: 40,
    name: |name| format!("`{}`", shorten(name, MAX_LINE)),
};

pub(super) fn section(sheet: &Sheet<'_>, plan: &Plan, page: &mut Page) {
    sheet.open_section("split", "Split plan", page);
    page.add(&format!(
        "<p>{}</p>",
        message(&reason(plan, sheet.report.subject().surface.tools.len()))
    ));
    // Where splitting does not help, the one server of the plan is the one that is there.
    if plan.verdict == Verdict::Splits {
        let columns = ["Server", "Tools", "Tokens", "Cohesion"];
        page.open_table("Proposed servers", "split", &columns);
        for server in plan.servers.iter().take(MAX_SERVERS) {
            let tools = server.tools.iter().take(MAX_TOOLS);
            let mut tools: Vec<String> = tools.map(|name| sheet.tool(name)).collect();
            if server.tools.len() > MAX_TOOLS {
                tools.push(counted(server.tools.len() - MAX_TOOLS, "more tool"));
            }
            let tokens = format!("{} <small>tokens</small>", grouped(server.tokens));
            let cohesion = format!("{:.2} <small>cohesion</small>", server.cohesion);
            let name = code(&shorten(&server.name, MAX_LINE));
            page.table_row(&name, &[tools.join(", "), tokens, cohesion]);
        }
        page.close_table();
    }
    if plan.servers.len() > MAX_SERVERS {
        let rest = counted(plan.servers.len() - MAX_SERVERS, "more server");
        page.add(&format!("<p class=\"quiet\">And {rest}.</p>"));
    }
    let remarks = WORDING.remarks(plan);
    if !remarks.is_empty() {
        page.add("<ul class=\"places\">");
        for remark in remarks.iter().take(MAX_REMARKS) {
            page.add(&format!("<li>{}</li>", message(&shorten(remark, MAX_REMARK))));
        }
        if remarks.len() > MAX_REMARKS {
            let rest = counted(remarks.len() - MAX_REMARKS, "more remark");
            page.add(&format!("<li>and {rest}</li>"));
        }
        page.add("</ul>");
    }
    page.add("</section>");
}
