//! The file: `mcp-kit.split/1`.
//!
//! Built from its own structs, like every format. `mcp-kit new` takes such a file.

use serde::Serialize;

use super::words::reason;
use crate::engine::{
    report::{Source, escape::for_json},
    semantics::split::{
        CrossEdge, DropReason, LEAST_TOOLS, MOST_TOOLS, Plan, Proposal, ShareReason, Shared,
        Unplaced, Verdict,
    },
};

/// The name of the format.
pub const FORMAT: &str = "mcp-kit.split/1";

#[derive(Serialize)]
struct File<'a> {
    format: &'static str,
    generator: Generator,
    source: From<'a>,
    /// `small`, `split` or `whole`.
    verdict: &'static str,
    reason: String,
    cohesion: f64,
    /// The fewest and the most tools of a proposed server.
    size: Size,
    servers: Vec<Server<'a>>,
    shared: Vec<SharedTool<'a>>,
    cross_edges: Vec<Edge<'a>>,
    unplaced: Vec<Alone<'a>>,
    proposals: Vec<Proposed<'a>>,
}

#[derive(Serialize)]
struct Generator {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct From<'a> {
    target: &'a str,
    server: Option<&'a str>,
    version: Option<&'a str>,
    tools: usize,
    tokens: usize,
}

#[derive(Serialize)]
struct Size {
    least: usize,
    most: usize,
}

#[derive(Serialize)]
struct Server<'a> {
    name: &'a str,
    tools: &'a [String],
    tokens: usize,
    cohesion: f64,
    /// The tools of other servers that this one should list too.
    shared: Vec<&'a str>,
}

#[derive(Serialize)]
struct SharedTool<'a> {
    tool: &'a str,
    /// `no_domain` or `answers`.
    reason: &'static str,
    field: Option<&'a str>,
    servers: &'a [String],
}

#[derive(Serialize)]
struct Edge<'a> {
    field: &'a str,
    from: End<'a>,
    to: End<'a>,
}

#[derive(Serialize)]
struct End<'a> {
    /// None where the tools fit into no server.
    server: Option<&'a str>,
    tools: &'a [String],
}

#[derive(Serialize)]
struct Alone<'a> {
    tools: &'a [String],
    nearest: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(tag = "action", rename_all = "snake_case")]
enum Proposed<'a> {
    Merge {
        tools: &'a [String],
        into: &'a str,
    },
    Act {
        tools: &'a [String],
        arguments: &'a [String],
    },
    Drop {
        tools: [&'a str; 1],
        /// `deprecated` or `duplicate`.
        reason: &'static str,
    },
}

/// The file, newline included.
pub fn render(plan: &Plan, source: Source<'_>) -> String {
    let Source { surface, origin } = source;
    let file = File {
        format: FORMAT,
        generator: Generator { name: "mcp-kit", version: env!("CARGO_PKG_VERSION") },
        source: From {
            target: &origin.name,
            server: surface.server.name.as_deref(),
            version: surface.server.version.as_deref(),
            tools: surface.tools.len(),
            tokens: surface.tokens().model,
        },
        verdict: match plan.verdict {
            Verdict::Small => "small",
            Verdict::Splits => "split",
            Verdict::Whole => "whole",
        },
        reason: reason(plan, surface.tools.len()),
        cohesion: rounded(plan.cohesion),
        size: Size { least: LEAST_TOOLS, most: MOST_TOOLS },
        servers: plan.servers.iter().map(|server| self::server(server, plan)).collect(),
        shared: plan.shared.iter().map(shared).collect(),
        cross_edges: plan.cross_edges.iter().map(edge).collect(),
        unplaced: plan.unplaced.iter().map(alone).collect(),
        proposals: plan.proposals.iter().map(proposed).collect(),
    };
    let text = serde_json::to_string_pretty(&file).expect("plain data becomes JSON");
    format!("{}\n", for_json(&text))
}

/// Two decimals: more of them would change with every word of a description.
fn rounded(cohesion: f64) -> f64 {
    (cohesion * 100.0).round() / 100.0
}

fn server<'a>(server: &'a crate::engine::semantics::split::Server, plan: &'a Plan) -> Server<'a> {
    let is_for_it = |shared: &&Shared| shared.servers.contains(&server.name);
    let shared = plan.shared.iter().filter(is_for_it);
    Server {
        name: &server.name,
        tools: &server.tools,
        tokens: server.tokens,
        cohesion: rounded(server.cohesion),
        shared: shared.map(|shared| shared.tool.as_str()).collect(),
    }
}

fn shared(shared: &Shared) -> SharedTool<'_> {
    let (reason, field) = match &shared.reason {
        ShareReason::NoDomain => ("no_domain", None),
        ShareReason::Answers(field) => ("answers", Some(field.as_str())),
    };
    SharedTool { tool: &shared.tool, reason, field, servers: &shared.servers }
}

fn edge(edge: &CrossEdge) -> Edge<'_> {
    let (from, to) = (&edge.from, &edge.to);
    Edge {
        field: &edge.field,
        from: End { server: from.0.as_deref(), tools: &from.1 },
        to: End { server: to.0.as_deref(), tools: &to.1 },
    }
}

fn alone(unplaced: &Unplaced) -> Alone<'_> {
    Alone { tools: &unplaced.tools, nearest: unplaced.nearest.as_deref() }
}

fn proposed(proposal: &Proposal) -> Proposed<'_> {
    match proposal {
        Proposal::Merge { tools, into } => Proposed::Merge { tools, into },
        Proposal::Act { tools, arguments } => Proposed::Act { tools, arguments },
        Proposal::Drop { tool, reason } => Proposed::Drop {
            tools: [tool],
            reason: match reason {
                DropReason::Deprecated => "deprecated",
                DropReason::Duplicate => "duplicate",
            },
        },
    }
}
