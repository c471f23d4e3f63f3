//! The split plan in a few lines. The file that `--plan` writes has all of it.

use std::fmt::Write;

use super::{BOLD, DIM, Layout, for_terminal, wrapped};
use crate::engine::{
    report::{counted, grouped},
    semantics::split::{Plan, Proposal, Server, Verdict},
};

/// Most servers, and most of everything else, that are shown.
const MAX_SERVERS: usize = 10;
const MAX_OTHERS: usize = 4;
/// Most names on a line.
const MAX_NAMES: usize = 8;

/// The plan under a heading of its own; nothing for a list that is short enough.
pub(super) fn render(plan: &Plan, layout: Layout) -> String {
    let mut text = match plan.verdict {
        Verdict::Small => return String::new(),
        Verdict::Splits => {
            let servers = counted(plan.servers.len(), "server");
            format!("\n{BOLD}split plan{BOLD:#}: {servers}, cohesion {:.2}\n", plan.cohesion)
        }
        Verdict::Whole => format!(
            "\n{BOLD}split plan{BOLD:#}: these tools do not fall into domains (cohesion {:.2}); \
             merge or leave out instead\n",
            plan.cohesion
        ),
    };
    let lines = match plan.verdict {
        Verdict::Whole if plan.proposals.is_empty() => {
            vec!["no two of them differ in one thing only; keep those that a task needs".to_owned()]
        }
        Verdict::Whole => plan.proposals.iter().map(proposal).collect(),
        Verdict::Small | Verdict::Splits => split_lines(plan),
    };
    for line in lines {
        for line in wrapped(&for_terminal(&line), "  ", "      ", layout) {
            let _ = writeln!(text, "{line}");
        }
    }
    let _ = writeln!(text, "{DIM}  --plan split.json writes all of it{DIM:#}");
    text
}

fn split_lines(plan: &Plan) -> Vec<String> {
    let mut lines: Vec<String> = plan.servers.iter().take(MAX_SERVERS).map(server).collect();
    if plan.servers.len() > MAX_SERVERS {
        let rest = &plan.servers[MAX_SERVERS..];
        let titles: Vec<String> = rest.iter().map(|server| server.name.clone()).collect();
        lines.push(format!("and {}: {}", counted(rest.len(), "more server"), names(&titles)));
    }
    let shared: Vec<String> = plan.shared.iter().map(|shared| shared.tool.clone()).collect();
    if !shared.is_empty() {
        lines.push(format!("list in several servers: {}", names(&shared)));
    }
    for edge in plan.cross_edges.iter().take(MAX_OTHERS) {
        let (from, to) = (&edge.from.0, &edge.to.0);
        lines.push(format!("`{}` goes from {from} to {to}: {}", edge.field, names(&edge.to.1)));
    }
    if plan.cross_edges.len() > MAX_OTHERS {
        let rest = counted(plan.cross_edges.len() - MAX_OTHERS, "more field");
        lines.push(format!("and {rest} between servers"));
    }
    let alone: Vec<String> = plan.leftovers().map(str::to_owned).collect();
    if !alone.is_empty() {
        lines.push(format!("fold into another tool, or leave out: {}", names(&alone)));
    }
    lines
}

fn server(server: &Server) -> String {
    let (count, tokens) = (counted(server.tools.len(), "tool"), grouped(server.tokens));
    format!("{} ({count}, {tokens} tokens): {}", server.name, names(&server.tools))
}

fn proposal(proposal: &Proposal) -> String {
    match proposal {
        Proposal::Drop { tool } => format!("leave out {tool}, which is deprecated"),
        Proposal::Merge { tools, into } => {
            format!("merge into {into}, with an argument that says which: {}", names(tools))
        }
        Proposal::Act { tools, arguments } => format!(
            "merge into one tool with a typed `action`, as all take {}: {}",
            names(arguments),
            names(tools)
        ),
    }
}

fn names(all: &[String]) -> String {
    let mut text = all.iter().take(MAX_NAMES).cloned().collect::<Vec<_>>().join(", ");
    if all.len() > MAX_NAMES {
        let _ = write!(text, " and {} more", all.len() - MAX_NAMES);
    }
    text
}
