//! A proposal for dividing the tools of a server into several servers, one for each domain.
//!
//! Tools become vectors of words (name, description, arguments; `vector`), of which the names
//! count most (`name`) and a field that one tool answers and another one takes counts too
//! (`edge`). Vectors that are alike are put together up to the size of a server (`cluster`). What
//! is too small for one is joined to what ties it (`fragment`, `bond`), what came together gets a
//! name (`title`), and what stays alone is said to fit nowhere. Where hardly anything comes
//! together, or everything does, the proposal is which tools to merge or to leave out (`whole`).
//!
//! A plan depends on the tools and not on their order; ties go by name. Read [`Plan`] and [`plan`]
//! first. Not for: judging whether a list is too long (a rule does that), or writing plans to files
//! (`report::split`).

mod apart;
mod bond;
mod cluster;
mod edge;
mod fragment;
mod name;
mod sibling;
#[cfg(test)]
mod tests;
mod title;
mod vector;
mod whole;

use std::{cmp::Reverse, sync::OnceLock};

pub use apart::{Domain, domains};
pub use edge::CrossEdge;
pub use whole::{DropReason, Proposal};

use self::{bond::Bonds, cluster::Grouping, edge::Edges, name::Names, vector::Vectors};
use super::{Effect, effect};
use crate::engine::surface::Surface;

/// Most tools that a proposed server has.
pub const MOST_TOOLS: usize = 7;
/// Fewer tools are no server.
pub const LEAST_TOOLS: usize = 3;
/// Tools that hold together less than this are one domain: splitting them would draw lines
/// anywhere. Of the labelled surfaces, those that split are at 0.5 and above, the others below 0.2.
const LEAST_COHESION: f64 = 0.4;
/// Most tools that a plan proposes to list in every server.
const MOST_SHARED: usize = 16;

/// What to do with the tools of a server. Each of them is in exactly one server or among those that
/// fit nowhere; tools to share stand in `shared` in addition.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Whether to split at all.
    pub verdict: Verdict,
    /// How much the tools of the groups they fall into are alike, from 0 to 1, over all tools; a
    /// tool that fits nowhere counts as 0.
    pub cohesion: f64,
    /// The proposed servers, the largest first; all tools in one where the verdict is not to split.
    pub servers: Vec<Server>,
    /// Tools that several of the servers should list.
    pub shared: Vec<Shared>,
    /// What one server would take from another one.
    pub cross_edges: Vec<CrossEdge>,
    /// Tools that fit into none of the servers, together with those they are like.
    pub unplaced: Vec<Unplaced>,
    /// What to leave out, and where splitting does not help, what to merge.
    pub proposals: Vec<Proposal>,
    /// Whether there were too many tools to compare each with all others, so that they were
    /// compared in portions of tools with similar names.
    pub is_in_portions: bool,
}

impl Plan {
    /// The tools that somebody has to find a place for: they fit into no server, and are none that
    /// every server should list. Each with the server that is nearest.
    pub fn leftovers(&self) -> impl Iterator<Item = (&String, Option<&str>)> {
        let all = self.unplaced.iter().flat_map(|unplaced| {
            unplaced.tools.iter().map(|tool| (tool, unplaced.nearest.as_deref()))
        });
        all.filter(|(tool, _)| self.shared.iter().all(|shared| shared.tool != **tool))
    }

    /// Whether the tools stay together because they belong together, and not because nothing tells
    /// which of them do.
    pub fn is_one_domain(&self) -> bool {
        self.verdict == Verdict::Whole && self.cohesion >= LEAST_COHESION
    }
}

/// The plan for a surface, made when it is first asked for: a rule advises by it and a report shows
/// it.
#[derive(Debug)]
pub struct Draft<'a> {
    surface: &'a Surface,
    plan: OnceLock<Plan>,
}

impl<'a> Draft<'a> {
    /// A plan that is not made yet.
    pub fn of(surface: &'a Surface) -> Self {
        Self { surface, plan: OnceLock::new() }
    }

    /// What the plan is for.
    pub fn surface(&self) -> &'a Surface {
        self.surface
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        self.plan.get_or_init(|| plan(self.surface))
    }
}

/// Whether to split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// There are few enough tools.
    Small,
    /// The tools fall into domains.
    Splits,
    /// There are many tools and they are one domain, or do not fall into domains of three tools and
    /// more.
    Whole,
}

/// A proposed server.
#[derive(Debug, Clone, PartialEq)]
pub struct Server {
    /// What its tools are about: lower case, words joined by `-`; no two servers have the same.
    pub name: String,
    /// Its tools, by name.
    pub tools: Vec<String>,
    /// o200k_base tokens of its tools before a model.
    pub tokens: usize,
    /// How much its tools are alike, from 0 to 1.
    pub cohesion: f64,
}

/// A tool that several servers should list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// Its name.
    pub tool: String,
    /// Why.
    pub reason: ShareReason,
    /// The servers it should be listed by besides its own.
    pub servers: Vec<String>,
}

/// Why a tool should be shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShareReason {
    /// It reads and its name speaks of no domain: a search over everything, who is asking.
    NoDomain,
    /// It reads, and answers a field that tools of several other servers take.
    Answers(String),
}

/// Tools that fit into no server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unplaced {
    /// Their names.
    pub tools: Vec<String>,
    /// The server that is most like them, if any is.
    pub nearest: Option<String>,
}

/// The plan for a surface.
pub fn plan(surface: &Surface) -> Plan {
    let tools = &surface.tools;
    if tools.len() <= MOST_TOOLS {
        return one_server(surface, &Names::of(tools), Verdict::Small, 0.0, false);
    }
    let names = Names::of(tools);
    let edges = Edges::of(tools, &names);
    let vectors = Vectors::of(tools, &names, &edges);
    let bonds = Bonds::of(tools, &names, &edges);
    let grouping = Grouping::of(&vectors, &bonds, &names);
    let is_worth_it = grouping.cohesion >= LEAST_COHESION && grouping.groups.len() > 1;
    if !is_worth_it {
        let (cohesion, is_in_portions) = (grouping.cohesion, grouping.is_in_portions);
        return one_server(surface, &names, Verdict::Whole, cohesion, is_in_portions);
    }
    servers(surface, &names, &edges, grouping)
}

fn servers(surface: &Surface, names: &Names, edges: &Edges, grouping: Grouping) -> Plan {
    let tool_name = |index: &usize| surface.tools[*index].name.clone();
    let titles = title::titles(&grouping.groups, names);
    let server_of = grouping.server_of(surface.tools.len());
    let mut place_of = server_of.clone();
    for (place, alone) in (titles.len()..).zip(&grouping.unplaced) {
        alone.tools.iter().for_each(|tool| place_of[*tool] = Some(place));
    }
    let servers = grouping.groups.iter().zip(&titles).map(|(group, title)| Server {
        name: title.clone(),
        tools: group.tools.iter().map(tool_name).collect(),
        tokens: group.tools.iter().map(|index| surface.tools[*index].tokens().model).sum(),
        cohesion: group.cohesion,
    });
    let unplaced = grouping.unplaced.iter().map(|alone| Unplaced {
        tools: alone.tools.iter().map(tool_name).collect(),
        nearest: alone.nearest.map(|server| titles[server].clone()),
    });
    Plan {
        verdict: Verdict::Splits,
        cohesion: grouping.cohesion,
        servers: servers.collect(),
        shared: shared(surface, names, edges, &server_of, &titles),
        cross_edges: edges.between(&place_of, &titles, &surface.tools),
        unplaced: unplaced.collect(),
        proposals: whole::drops(&surface.tools, names),
        is_in_portions: grouping.is_in_portions,
    }
}

fn shared(
    surface: &Surface,
    names: &Names,
    edges: &Edges,
    server_of: &[Option<usize>],
    titles: &[String],
) -> Vec<Shared> {
    let others = |tool: usize| {
        let all = titles.iter().enumerate();
        let others = all.filter(move |(server, _)| server_of[tool] != Some(*server));
        others.map(|(_, title)| title.clone()).collect::<Vec<_>>()
    };
    let mut shared: Vec<Shared> = names
        .by_name()
        .iter()
        .filter_map(|index| {
            let tool = &surface.tools[*index];
            if effect(tool) == Effect::Writes {
                return None;
            }
            let (reason, servers) = if names.nouns(*index).is_empty() {
                (ShareReason::NoDomain, others(*index))
            } else {
                let (field, takers) = edges.most_taken(*index, server_of, titles)?;
                let servers = takers.into_iter().map(|server| titles[server].clone()).collect();
                (ShareReason::Answers(field), servers)
            };
            Some(Shared { tool: tool.name.clone(), reason, servers })
        })
        .collect();
    shared.sort_by_key(|shared| (Reverse(shared.servers.len()), shared.tool.clone()));
    shared.truncate(MOST_SHARED);
    shared
}

/// All tools in one server.
fn one_server(
    surface: &Surface,
    names: &Names,
    verdict: Verdict,
    cohesion: f64,
    is_in_portions: bool,
) -> Plan {
    let tools: Vec<String> =
        names.by_name().iter().map(|index| surface.tools[*index].name.clone()).collect();
    let server = Server {
        name: title::of_all(surface, names),
        tools,
        tokens: surface.tokens().model,
        cohesion,
    };
    Plan {
        verdict,
        cohesion,
        servers: if surface.tools.is_empty() { Vec::new() } else { vec![server] },
        shared: Vec::new(),
        cross_edges: Vec::new(),
        unplaced: Vec::new(),
        proposals: match verdict {
            Verdict::Whole => whole::proposals(&surface.tools, names),
            Verdict::Small | Verdict::Splits => whole::drops(&surface.tools, names),
        },
        is_in_portions,
    }
}
