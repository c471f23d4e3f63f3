//! What somebody meant who wrote a name that does not exist.

use super::Rule;

/// Names less alike than this have nothing to do with each other.
const LEAST_LIKENESS: f64 = 0.75;

/// The known name that comes nearest, if any comes near.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = |candidate: &str| strsim::jaro_winkler(candidate, name);
    best(known.into_iter().map(|candidate| (likeness(candidate), candidate)))
}

/// The rule that comes nearest, if any comes near. A group is not near to anything.
pub fn nearest_rule(name: &str) -> Option<&'static str> {
    let is_group = super::all().any(|rule| rule.group() == name.trim_end_matches('/'));
    if is_group { None } else { nearest_id(name, super::all().map(|rule| rule.id)) }
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
        let likeness = strsim::jaro_winkler(id, name).max(strsim::jaro_winkler(tail, name));
        (if is_part { 1.0 } else { likeness }, id)
    }))
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
        assert_eq!(nearest_rule("breaking"), None, "a group where a rule is wanted");
    }
}
