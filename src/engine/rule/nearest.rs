//! What somebody meant who wrote a name that does not exist.

use super::Rule;

/// Names less alike than this have nothing to do with each other.
const LEAST_LIKENESS: f64 = 0.75;

/// Of how many letters of a name one may be a slip: more of them make another name.
const LETTERS_PER_SLIP: usize = 3;

/// The known name that comes nearest, if any comes near.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    best(known.into_iter().map(|candidate| (likeness(candidate, name), candidate)))
}

/// The rule that comes nearest, if any comes near. A group is not near to anything.
pub fn nearest_rule(name: &str) -> Option<&'static str> {
    if is_group(name) { None } else { nearest_id(name, super::all().map(|rule| rule.id)) }
}

/// Whether a name is that of a group.
pub fn is_group(name: &str) -> bool {
    let group = name.strip_suffix('/').unwrap_or(name);
    super::all().any(|rule| rule.group() == group)
}

/// The rule or group that comes nearest, if any comes near.
pub fn nearest_rule_or_group(name: &str) -> Option<&'static str> {
    nearest_id(name, super::all().map(|rule| rule.id).chain(super::all().map(Rule::group)))
}

fn nearest_id(name: &str, ids: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    best(ids.map(|id| {
        // A name without its group, or a part of it, is as near as it can be.
        let tail = id.rsplit('/').next().unwrap_or(id);
        let is_part = name.len() > 3 && id.contains(name);
        let near = if is_part { 1.0 } else { likeness(id, name).max(likeness(tail, name)) };
        (near, id)
    }))
}

/// How alike two names are, if one can be the other with a few slips. The measure favours names that
/// begin alike, which alone makes none of the other.
fn likeness(candidate: &str, name: &str) -> f64 {
    let lengths = [candidate, name].map(|it| it.chars().count());
    let slips = (lengths[0].max(lengths[1]) / LETTERS_PER_SLIP).max(1);
    let is_near =
        lengths[0].abs_diff(lengths[1]) <= slips && strsim::osa_distance(candidate, name) <= slips;
    if is_near { strsim::jaro_winkler(candidate, name) } else { 0.0 }
}

fn best<'a>(candidates: impl Iterator<Item = (f64, &'a str)>) -> Option<&'a str> {
    let best = candidates.max_by(|left, right| left.0.total_cmp(&right.0))?;
    (best.0 > LEAST_LIKENESS).then_some(best.1)
}

#[cfg(test)]
mod tests {
    use super::{nearest, nearest_rule, nearest_rule_or_group};

    #[test]
    fn a_slip_of_the_finger_is_recognised() {
        assert_eq!(nearest("profil", ["select", "profile"]), Some("profile"));
        assert_eq!(nearest("colour", ["select", "profile"]), None);
        assert_eq!(nearest_rule("root-not-objekt"), Some("schema/root-not-object"));
        assert_eq!(nearest_rule_or_group("shcema"), Some("schema"));
        assert_eq!(nearest_rule_or_group("desc/mising"), Some("desc/missing"));
        assert_eq!(nearest_rule("breaking"), None, "a group where a rule is wanted");
    }

    #[test]
    fn another_name_is_no_slip() {
        for name in ["nope/rule", "nothing", "schema/whatever", "security/everything", "x"] {
            assert_eq!(nearest_rule_or_group(name), None, "{name}");
        }
    }
}
