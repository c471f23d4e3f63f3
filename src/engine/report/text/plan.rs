//! The split plan in a few lines. The file that `--plan` writes has all of it.

use std::fmt::Write;

use super::{BOLD, DIM, Layout, for_terminal, wrapped};
use crate::engine::{
    report::{counted, grouped, split::Wording},
    semantics::split::{Plan, Server, Verdict},
};

/// Most servers that are shown with their tools.
const MAX_SERVERS: usize = 10;
const WORDING: Wording = Wording { most_names: 8, most_edges: 4, name: str::to_owned };

/// The plan under a heading of its own; nothing for a list that is short enough.
pub(super) fn render(plan: &Plan, layout: Layout) -> String {
    let mut text = match plan.verdict {
        Verdict::Small => return String::new(),
        Verdict::Splits => {
            let servers = counted(plan.servers.len(), "server");
            format!("\n{BOLD}split plan{BOLD:#}: {servers}, cohesion {:.2}\n", plan.cohesion)
        }
        Verdict::Whole => {
            let is_what = match plan.is_one_domain() {
                true => "are one domain",
                false => "do not fall into domains",
            };
            format!(
                "\n{BOLD}split plan{BOLD:#}: these tools {is_what} (cohesion {:.2}); merge or leave \
                 out instead\n",
                plan.cohesion
            )
        }
    };
    let servers = if plan.verdict == Verdict::Splits { servers(plan) } else { Vec::new() };
    for line in servers.into_iter().chain(WORDING.remarks(plan)) {
        for line in wrapped(&for_terminal(&line), "  ", "      ", layout) {
            let _ = writeln!(text, "{line}");
        }
    }
    let _ = writeln!(text, "{DIM}  --plan split.json writes all of it{DIM:#}");
    text
}

fn servers(plan: &Plan) -> Vec<String> {
    let mut lines: Vec<String> = plan.servers.iter().take(MAX_SERVERS).map(server).collect();
    if plan.servers.len() > MAX_SERVERS {
        let rest = &plan.servers[MAX_SERVERS..];
        let names = WORDING.names(rest.iter().map(|server| &server.name));
        lines.push(format!("and {}: {names}", counted(rest.len(), "more server")));
    }
    lines
}

fn server(server: &Server) -> String {
    let (count, tokens) = (counted(server.tools.len(), "tool"), grouped(server.tokens));
    format!("{} ({count}, {tokens} tokens): {}", server.name, WORDING.names(&server.tools))
}
