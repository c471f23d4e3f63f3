//! Vectors that are alike, put together.
//!
//! Average linkage: again and again the two groups whose tools are most alike on average become
//! one, until nothing that is alike enough has room in one server. Single linkage would chain whole
//! lists together over one word after the other, and a group around a centre needs their number
//! beforehand.

use std::{cmp::Reverse, ops::Range};

use super::{
    MOST_TOOLS,
    bond::Bonds,
    fragment::{self, Ground},
    name::Names,
    vector::Vectors,
};

/// Groups that are less alike stay apart.
const LEAST_ALIKE: f32 = 0.08;
/// So many tools are compared each with all others.
const MOST_AT_ONCE: usize = 256;
/// More are compared in portions of so many, with the tools of one noun side by side, so that ten
/// times the tools take ten times the time.
const PORTION: usize = 64;

/// Which tools belong together.
#[derive(Debug)]
pub(super) struct Grouping {
    /// The groups that can be servers, the largest first, then the most cohesive, then by name.
    pub(super) groups: Vec<Group>,
    /// The groups that are too small for a server and have no room in another.
    pub(super) unplaced: Vec<Alone>,
    /// How alike the tools of a group are, over all tools, before small groups were joined.
    pub(super) cohesion: f64,
    /// Whether the tools were compared in portions.
    pub(super) is_in_portions: bool,
}

/// The tools of a server, in the order of their names.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Group {
    pub(super) tools: Vec<usize>,
    pub(super) cohesion: f64,
}

/// Tools that fit into no group, and the place of the group that is most like them.
#[derive(Debug)]
pub(super) struct Alone {
    pub(super) tools: Vec<usize>,
    pub(super) nearest: Option<usize>,
}

impl Grouping {
    pub(super) fn of(vectors: &Vectors, bonds: &Bonds, names: &Names) -> Self {
        let mut order = names.by_name().to_vec();
        let is_in_portions = order.len() > MOST_AT_ONCE;
        if is_in_portions {
            order.sort_by_key(|tool| names.nouns(*tool).first());
        }
        let size = if is_in_portions { PORTION } else { MOST_AT_ONCE };
        let mut all = Self { groups: vec![], unplaced: vec![], cohesion: 0.0, is_in_portions };
        for portion in order.chunks(size) {
            all.add(portion, vectors, bonds);
        }
        all.cohesion /= order.len().max(1) as f64;
        all.sort();
        all
    }

    /// For each tool the place of its group.
    pub(super) fn server_of(&self, tools: usize) -> Vec<Option<usize>> {
        let mut server_of = vec![None; tools];
        for (place, group) in self.groups.iter().enumerate() {
            for tool in &group.tools {
                server_of[*tool] = Some(place);
            }
        }
        server_of
    }

    fn add(&mut self, portion: &[usize], vectors: &Vectors, bonds: &Bonds) {
        let alike = Alike::of(portion, vectors);
        let mut clusters = agglomerate(&alike);
        self.cohesion += clusters
            .iter()
            .map(|cluster| alike.cohesion(cluster) * cluster.len() as f64)
            .sum::<f64>();
        let ties = bonds.table(portion);
        let ground = Ground { alike: &alike, ties: &ties };
        let alone = fragment::join(&mut clusters, &ground);
        let before = self.groups.len();
        let tools = |cluster: &[usize]| -> Vec<usize> {
            cluster.iter().map(|member| portion[*member]).collect()
        };
        for cluster in &clusters {
            let cohesion = alike.cohesion(cluster);
            self.groups.push(Group { tools: tools(cluster), cohesion });
        }
        for cluster in alone {
            let nearest = fragment::nearest(&cluster, &clusters, &ground);
            let nearest = nearest.map(|place| before + place);
            self.unplaced.push(Alone { tools: tools(&cluster), nearest });
        }
    }

    /// The largest group first, of equally large ones that which holds together best, so that it gets
    /// the plainer name; `nearest` follows.
    fn sort(&mut self) {
        let mut order: Vec<usize> = (0..self.groups.len()).collect();
        let in_percent = |group: &Group| (group.cohesion * 100.0).round() as usize;
        order.sort_by_key(|place| {
            let group = &self.groups[*place];
            Reverse((group.tools.len(), in_percent(group)))
        });
        let mut new_place = vec![0; order.len()];
        for (new, old) in order.iter().enumerate() {
            new_place[*old] = new;
        }
        for alone in &mut self.unplaced {
            alone.nearest = alone.nearest.map(|old| new_place[old]);
        }
        self.groups = order.into_iter().map(|old| self.groups[old].clone()).collect();
    }
}

/// How alike the members of a portion are, each with each.
#[derive(Debug, Clone)]
pub(super) struct Alike {
    count: usize,
    table: Vec<f32>,
}

impl Alike {
    /// The cosine of the vectors, over an index from features to members: most pairs have nothing
    /// in common.
    pub(super) fn of(portion: &[usize], vectors: &Vectors) -> Self {
        let count = portion.len();
        let mut with: Vec<(u32, u32, f32)> = Vec::new();
        for (member, tool) in (0_u32..).zip(portion) {
            with.extend(vectors.rows[*tool].iter().map(|(feature, w)| (*feature, member, *w)));
        }
        with.sort_unstable_by_key(|(feature, member, _)| (*feature, *member));
        let mut table = vec![0.0; count * count];
        for same in with.chunk_by(|one, other| one.0 == other.0) {
            for (place, (_, first, weight)) in same.iter().enumerate() {
                for (_, second, other) in &same[place + 1..] {
                    table[*first as usize * count + *second as usize] += weight * other;
                }
            }
        }
        for first in 0..count {
            for second in first + 1..count {
                table[second * count + first] = table[first * count + second];
            }
        }
        Self { count, table }
    }

    /// How many members there are.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    fn row(&self, member: usize) -> &[f32] {
        &self.table[member * self.count..(member + 1) * self.count]
    }

    /// The mean over all pairs of one cluster and another.
    pub(super) fn between(&self, one: &[usize], other: &[usize]) -> f32 {
        let sum: f32 =
            one.iter().map(|member| other.iter().map(|o| self.row(*member)[*o]).sum::<f32>()).sum();
        sum / (one.len() * other.len()) as f32
    }

    /// The mean over all pairs inside a cluster; 0 for one member.
    pub(super) fn cohesion(&self, cluster: &[usize]) -> f64 {
        let pairs = cluster.len() * (cluster.len() - 1) / 2;
        if pairs == 0 {
            return 0.0;
        }
        let mut sum = 0.0;
        for (place, member) in cluster.iter().enumerate() {
            sum +=
                cluster[place + 1..].iter().map(|o| f64::from(self.row(*member)[*o])).sum::<f64>();
        }
        (sum / pairs as f64).min(1.0)
    }
}

/// A cluster on the way, at the place of its first member.
struct Growing {
    members: Vec<usize>,
    /// The best partner behind it, and how alike they are in hundred-thousandths: with exact
    /// figures the order of additions would decide between partners that are equally good.
    best: Option<(u32, usize)>,
}

/// The clusters, each in the order of its members, ordered by their first.
pub(super) fn agglomerate(alike: &Alike) -> Vec<Vec<usize>> {
    // Sums of the likenesses of two clusters; their mean is the linkage.
    let mut sums = alike.clone();
    let mut clusters: Vec<Option<Growing>> = (0..alike.count)
        .map(|member| Some(Growing { members: vec![member], best: None }))
        .collect();
    for place in 0..clusters.len() {
        find_partner(place, &sums, &mut clusters);
    }
    while let Some((place, partner)) = closest(&clusters) {
        let joined = clusters[partner].take().expect("a partner is there until it is joined");
        if let Some(cluster) = &mut clusters[place] {
            cluster.members.extend(joined.members);
        }
        for other in 0..alike.count {
            let sum = sums.row(place)[other] + sums.row(partner)[other];
            sums.table[place * alike.count + other] = sum;
            sums.table[other * alike.count + place] = sum;
        }
        for other in 0..partner {
            let best = clusters[other].as_ref().and_then(|cluster| cluster.best);
            if other == place || best.is_some_and(|(_, it)| it == place || it == partner) {
                find_partner(other, &sums, &mut clusters);
            }
        }
    }
    let mut clusters: Vec<Vec<usize>> =
        clusters.into_iter().flatten().map(|cluster| cluster.members).collect();
    clusters.iter_mut().for_each(|members| members.sort_unstable());
    clusters
}

fn closest(clusters: &[Option<Growing>]) -> Option<(usize, usize)> {
    let mut closest: Option<(u32, usize, usize)> = None;
    for (place, cluster) in clusters.iter().enumerate() {
        let Some((likeness, partner)) = cluster.as_ref().and_then(|cluster| cluster.best) else {
            continue;
        };
        if closest.is_none_or(|(most, ..)| likeness > most) {
            closest = Some((likeness, place, partner));
        }
    }
    closest.map(|(_, place, partner)| (place, partner))
}

/// Looks for the best partner among the clusters behind, with room for both in one server.
fn find_partner(place: usize, sums: &Alike, clusters: &mut [Option<Growing>]) {
    let Some(size) = clusters[place].as_ref().map(|cluster| cluster.members.len()) else { return };
    let behind: Range<usize> = place + 1..clusters.len();
    let mut best: Option<(u32, usize)> = None;
    for partner in behind {
        let Some(other) = clusters[partner].as_ref().map(|cluster| cluster.members.len()) else {
            continue;
        };
        let linkage = sums.row(place)[partner] / (size * other) as f32;
        if size + other > MOST_TOOLS || linkage < LEAST_ALIKE {
            continue;
        }
        let linkage = (linkage * 100_000.0).round() as u32;
        if best.is_none_or(|(most, _)| linkage > most) {
            best = Some((linkage, partner));
        }
    }
    if let Some(cluster) = &mut clusters[place] {
        cluster.best = best;
    }
}
