//! Domains that have nothing to do with each other in a list that is short enough.

use super::{
    LEAST_TOOLS, MOST_TOOLS,
    cluster::{Alike, Group, agglomerate},
    edge::Edges,
    name::Names,
    title,
    vector::Vectors,
};
use crate::engine::surface::Surface;

/// A domain must hold together this much.
const LEAST_COHESION: f64 = 0.5;
/// Tools of different domains must not be more alike than this.
const MOST_ALIKE: f32 = 0.02;

/// Tools of a short list that belong together and to nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain {
    /// What they are about.
    pub name: String,
    /// Their names.
    pub tools: Vec<String>,
}

/// The domains in a list of at most seven tools, where there are several and all tools belong to
/// one of them. Nothing otherwise: that two tools of five are about something else is not enough to
/// send anybody away with them.
pub fn domains(surface: &Surface) -> Vec<Domain> {
    let tools = &surface.tools;
    if tools.len() < 2 * LEAST_TOOLS || tools.len() > MOST_TOOLS {
        return Vec::new();
    }
    let names = Names::of(tools);
    let vectors = Vectors::of(tools, &names, &Edges::of(tools, &names));
    let order = names.by_name();
    let alike = Alike::of(order, &vectors);
    let clusters = agglomerate(&alike);
    let is_domain = |cluster: &Vec<usize>| {
        cluster.len() >= LEAST_TOOLS && alike.cohesion(cluster) >= LEAST_COHESION
    };
    let [one, other] = clusters.as_slice() else { return Vec::new() };
    if ![one, other].into_iter().all(is_domain) || alike.between(one, other) > MOST_ALIKE {
        return Vec::new();
    }
    let group = |cluster: &Vec<usize>| Group {
        tools: cluster.iter().map(|member| order[*member]).collect(),
        cohesion: alike.cohesion(cluster),
    };
    let groups: Vec<Group> = clusters.iter().map(group).collect();
    let named = title::titles(&groups, &names).into_iter().zip(&groups);
    let domain = |(name, group): (String, &Group)| Domain {
        name,
        tools: group.tools.iter().map(|tool| tools[*tool].name.clone()).collect(),
    };
    named.map(domain).collect()
}
