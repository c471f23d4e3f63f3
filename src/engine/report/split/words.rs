//! What a plan says, in lines.

use std::collections::BTreeMap;

use crate::engine::{
    report::counted,
    semantics::split::{CrossEdge, DropReason, Plan, Proposal, Verdict},
};

/// The verdict in a sentence.
pub(in crate::engine::report) fn reason(plan: &Plan, tools: usize) -> String {
    let count = counted(tools, "tool");
    let text = match plan.verdict {
        Verdict::Small if tools == 1 => format!("{count} is few enough for one server"),
        Verdict::Small => format!("{count} are few enough for one server"),
        Verdict::Splits => format!("{count} fall into {} domains", plan.servers.len()),
        Verdict::Whole if plan.is_one_domain() => {
            format!("{count} are one domain: splitting them would tear apart what belongs together")
        }
        Verdict::Whole => {
            format!("{count} do not fall into domains: splitting them would draw lines anywhere")
        }
    };
    if plan.is_in_portions {
        return format!("{text}; compared in portions of tools with similar names");
    }
    text
}

/// How the lines are written: how much of what is long, and how a name is set off.
pub(in crate::engine::report) struct Wording {
    /// Most names on a line.
    pub most_names: usize,
    /// Most lines about fields that go from one server to another.
    pub most_edges: usize,
    /// How the name of a tool, server or argument is written.
    pub name: fn(&str) -> String,
}

impl Wording {
    /// What there is to say besides the servers: tools to list in several of them, fields that go
    /// between them, tools that fit nowhere; or, where splitting does not help, what does.
    pub(in crate::engine::report) fn remarks(&self, plan: &Plan) -> Vec<String> {
        match plan.verdict {
            Verdict::Whole if plan.proposals.is_empty() => {
                vec!["no two of them differ in one thing only; keep those that a task needs, and leave \
                      out the others"
                    .into()]
            }
            Verdict::Whole => plan.proposals.iter().map(|it| self.proposal(it)).collect(),
            Verdict::Small | Verdict::Splits => self.beside_servers(plan),
        }
    }

    /// Some names, separated by commas.
    pub(in crate::engine::report) fn names<'a>(
        &self,
        all: impl IntoIterator<Item = &'a String>,
    ) -> String {
        let mut all = all.into_iter();
        let shown: Vec<String> =
            all.by_ref().take(self.most_names).map(|name| (self.name)(name)).collect();
        match all.count() {
            0 => shown.join(", "),
            rest => format!("{} and {rest} more", shown.join(", ")),
        }
    }

    fn beside_servers(&self, plan: &Plan) -> Vec<String> {
        let mut lines = Vec::new();
        if !plan.shared.is_empty() {
            let shared = self.names(plan.shared.iter().map(|shared| &shared.tool));
            lines.push(format!("list in several servers: {shared}"));
        }
        lines.extend(plan.cross_edges.iter().take(self.most_edges).map(|it| self.edge(it)));
        if plan.cross_edges.len() > self.most_edges {
            let rest = counted(plan.cross_edges.len() - self.most_edges, "more field");
            lines.push(format!("and {rest} between servers"));
        }
        lines.extend(self.leftovers(plan));
        lines.extend(plan.proposals.iter().map(|it| self.proposal(it)));
        lines
    }

    /// The tools that fit into no server, by the server they are nearest to.
    fn leftovers(&self, plan: &Plan) -> Vec<String> {
        let mut by_nearest: BTreeMap<Option<&str>, Vec<&String>> = BTreeMap::new();
        for (tool, nearest) in plan.leftovers() {
            by_nearest.entry(nearest).or_default().push(tool);
        }
        let line = |(nearest, tools): (Option<&str>, Vec<&String>)| {
            let tools = self.names(tools);
            match nearest {
                Some(nearest) => {
                    format!("fit into no server; nearest is {}: {tools}", (self.name)(nearest))
                }
                None => format!(
                    "fit into no server and are near none; put them with the tools they are used \
                     with, or into a small server of their own: {tools}"
                ),
            }
        };
        by_nearest.into_iter().map(line).collect()
    }

    fn edge(&self, edge: &CrossEdge) -> String {
        let place = |server: &Option<String>| {
            server.as_ref().map_or_else(|| "no server".to_owned(), |server| (self.name)(server))
        };
        let (from, to) = (place(&edge.from.0), place(&edge.to.0));
        format!("`{}` goes from {from} to {to}: {}", edge.field, self.names(&edge.to.1))
    }

    fn proposal(&self, proposal: &Proposal) -> String {
        match proposal {
            Proposal::Drop { tool, reason: DropReason::Deprecated } => {
                format!("leave out {}, which is deprecated", (self.name)(tool))
            }
            Proposal::Drop { tool, reason: DropReason::Duplicate } => {
                format!("list {} only once", (self.name)(tool))
            }
            Proposal::Merge { tools, into } => format!(
                "merge into {}, with an argument that says which: {}",
                (self.name)(into),
                self.names(tools)
            ),
            Proposal::Act { tools, arguments } => format!(
                "merge into one tool with a typed `action`, as all take {}: {}",
                self.names(arguments),
                self.names(tools)
            ),
        }
    }
}
