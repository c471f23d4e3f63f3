//! Groups that are too small for a server: joined to each other or to a larger one by what ties
//! their tools ([`super::bond`]), then by what they are most like.

use super::{LEAST_TOOLS, MOST_TOOLS, cluster::Alike};

/// Groups are joined by ties where the tools of the smaller have on average one of this strength.
const LEAST_TIED: f32 = 0.5;
/// A tool that is less like a group than this does not fit into it.
const LEAST_FITTING: f32 = 0.05;
/// The nearest of the groups that a tool does not fit into is one it has anything to do with.
const LEAST_NEAR: f32 = 0.03;

/// The tools of a portion: how alike they are, and how they are tied.
pub(super) struct Ground<'a> {
    pub(super) alike: &'a Alike,
    /// By rows.
    pub(super) ties: &'a [f32],
}

/// Joins groups that are too small as far as there is room; returns those that found no place, and
/// leaves the others.
pub(super) fn join(clusters: &mut Vec<Vec<usize>>, ground: &Ground<'_>) -> Vec<Vec<usize>> {
    while let Some((small, other)) = most_tied(clusters, ground) {
        // The place of the first stays, so that the order does.
        let (first, second) = (small.min(other), small.max(other));
        let joined = clusters.remove(second);
        clusters[first].extend(joined);
        clusters[first].sort_unstable();
    }
    let mut alone = Vec::new();
    while let Some((size, place)) = smallest(clusters) {
        let small = clusters.remove(place);
        let has_room = |cluster: &[usize]| cluster.len() + size <= MOST_TOOLS;
        let likeness = |cluster: &[usize]| ground.alike.between(&small, cluster);
        match best(clusters, has_room, likeness, LEAST_FITTING) {
            Some(place) => {
                clusters[place].extend(small);
                clusters[place].sort_unstable();
            }
            None => alone.push(small),
        }
    }
    alone
}

/// The place of the group that has most to do with one that fits into none.
pub(super) fn nearest(
    alone: &[usize],
    clusters: &[Vec<usize>],
    ground: &Ground<'_>,
) -> Option<usize> {
    let nearness =
        |cluster: &[usize]| ground.tied(alone, cluster) + ground.alike.between(alone, cluster);
    best(clusters, |_| true, nearness, LEAST_NEAR)
}

/// The small group and the other one that are tied most, with room for both in one server; of
/// equally tied ones, those that are most alike.
fn most_tied(clusters: &[Vec<usize>], ground: &Ground<'_>) -> Option<(usize, usize)> {
    let mut most: Option<((f32, f32), (usize, usize))> = None;
    let is_small = |cluster: &[usize]| cluster.len() < LEAST_TOOLS;
    for (place, small) in clusters.iter().enumerate().filter(|(_, cluster)| is_small(cluster)) {
        for (other, cluster) in clusters.iter().enumerate() {
            if other == place || small.len() + cluster.len() > MOST_TOOLS {
                continue;
            }
            let tied = ground.tied(small, cluster);
            if tied >= LEAST_TIED && most.is_none_or(|((best, _), _)| tied >= best) {
                let likeness = (tied, ground.alike.between(small, cluster));
                if most.is_none_or(|(best, _)| likeness > best) {
                    most = Some((likeness, (place, other)));
                }
            }
        }
    }
    most.map(|(_, places)| places)
}

fn smallest(clusters: &[Vec<usize>]) -> Option<(usize, usize)> {
    let sizes = clusters.iter().enumerate().map(|(place, cluster)| (cluster.len(), place));
    sizes.filter(|(size, _)| *size < LEAST_TOOLS).min()
}

fn best(
    clusters: &[Vec<usize>],
    may: impl Fn(&[usize]) -> bool,
    fitness: impl Fn(&[usize]) -> f32,
    least: f32,
) -> Option<usize> {
    let mut best: Option<(f32, usize)> = None;
    for (place, cluster) in clusters.iter().enumerate().filter(|(_, cluster)| may(cluster)) {
        let fitness = fitness(cluster);
        if fitness >= least && best.is_none_or(|(most, _)| fitness > most) {
            best = Some((fitness, place));
        }
    }
    best.map(|(_, place)| place)
}

impl Ground<'_> {
    /// How strongly the tools of one group are tied to another on average, each by its strongest
    /// tie. In hundredths, so that the order of additions does not decide.
    fn tied(&self, small: &[usize], cluster: &[usize]) -> f32 {
        let strongest = |member: &usize| {
            let row = &self.ties[member * self.alike.count()..];
            cluster.iter().map(|other| row[*other]).fold(0.0, f32::max)
        };
        let sum = small.iter().map(strongest).sum::<f32>();
        (100.0 * sum / small.len() as f32).round() / 100.0
    }
}
