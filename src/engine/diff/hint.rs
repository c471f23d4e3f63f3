//! Annotations by their effect: what a host concludes from them, the specification's defaults
//! filled in (2026-07-28, `ToolAnnotations`).
//!
//! `destructiveHint` and `idempotentHint` mean something only where the tool is not read-only.

use super::change::{Fact, Hint};
use crate::engine::surface::Annotations;

/// What a host may assume of a tool.
struct Effective {
    is_read_only: bool,
    destroys: Option<bool>,
    is_idempotent: Option<bool>,
    is_open_world: bool,
}

impl Effective {
    fn of(annotations: &Annotations) -> Self {
        let is_read_only = annotations.read_only.unwrap_or(false);
        let of_writes = |value: bool| (!is_read_only).then_some(value);
        Self {
            is_read_only,
            destroys: of_writes(annotations.destructive.unwrap_or(true)),
            is_idempotent: of_writes(annotations.idempotent.unwrap_or(false)),
            is_open_world: annotations.open_world.unwrap_or(true),
        }
    }
}

/// The hints that mean something else, and those that are only written differently.
pub(super) fn compare(old: &Annotations, new: &Annotations) -> Vec<(&'static str, Fact)> {
    let (before, after) = (Effective::of(old), Effective::of(new));
    let rows = [
        (
            "readOnlyHint",
            Some((before.is_read_only, after.is_read_only)),
            (old.read_only, new.read_only),
            true,
        ),
        (
            "destructiveHint",
            before.destroys.zip(after.destroys),
            (old.destructive, new.destructive),
            false,
        ),
        (
            "idempotentHint",
            before.is_idempotent.zip(after.is_idempotent),
            (old.idempotent, new.idempotent),
            true,
        ),
        (
            "openWorldHint",
            Some((before.is_open_world, after.is_open_world)),
            (old.open_world, new.open_world),
            false,
        ),
    ];
    let mut facts = Vec::new();
    for (name, effect, said, is_safe_when) in rows {
        match effect {
            Some((old, new)) if old != new => {
                let is_less_safe = new != is_safe_when;
                let hint = Hint { name, new, is_less_safe, is_default: said.1.is_none() };
                facts.push((name, Fact::Hint(hint)));
            }
            // A read-only hint that flips makes the two others count or not; it is said once.
            _ if said.0 != said.1 => facts.push((name, Fact::HintRestated(name))),
            _ => {}
        }
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::{Fact, compare};
    use crate::engine::surface::Annotations;

    fn check(old: Annotations, new: Annotations, expected: &[&str]) {
        let found: Vec<String> = compare(&old, &new)
            .into_iter()
            .map(|(name, fact)| match fact {
                Fact::Hint(hint) if hint.is_less_safe => format!("-{name}"),
                Fact::Hint(_) => format!("+{name}"),
                _ => format!("={name}"),
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn defaults_are_filled_in_before_comparing() {
        let none = Annotations::default();
        let said = Annotations {
            read_only: Some(false),
            destructive: Some(true),
            open_world: Some(true),
            ..Annotations::default()
        };
        check(none.clone(), said, &["=readOnlyHint", "=destructiveHint", "=openWorldHint"]);
        let gentle = Annotations { destructive: Some(false), ..Annotations::default() };
        check(gentle.clone(), none.clone(), &["-destructiveHint"]);
        check(none.clone(), gentle, &["+destructiveHint"]);
        let closed = Annotations { open_world: Some(false), ..Annotations::default() };
        check(closed, none, &["-openWorldHint"]);
    }

    #[test]
    fn what_a_read_only_tool_says_of_writes_is_moot() {
        let reads = |destructive| Annotations {
            read_only: Some(true),
            destructive,
            ..Annotations::default()
        };
        check(reads(Some(false)), reads(Some(true)), &["=destructiveHint"]);
        check(reads(None), Annotations::default(), &["-readOnlyHint"]);
    }
}
