//! What the reader could not keep of a schema, so that nothing may be proved about it.
//!
//! Values are compared as everybody reads them: 64-bit numbers, one value for a key, a limited
//! depth. Where a text says more than that, two schemas can look equal and not be.

use std::collections::HashMap;

use super::{
    change::{Change, Fact, Member},
    context::Context,
};
use crate::engine::{
    finding::{ObservationKind, Subject},
    protocol::{
        canonical::{Layout, write},
        json::{Document, Kind, Limits, OddityKind, View},
        pointer::Pointer,
    },
    surface::{Surface, Tool},
};

/// What a reader left out, by the schema that it is in.
pub(super) type LeftOut = HashMap<Pointer, String>;

/// Everything that was left out of the schemas of a surface.
pub(super) fn left_out(surface: &Surface) -> LeftOut {
    let kinds = [OddityKind::DuplicateKey, OddityKind::NumberOutOfRange, OddityKind::TooDeep];
    let seen = surface
        .observations
        .iter()
        .filter(|seen| kinds.iter().any(|kind| seen.kind == ObservationKind::Json(*kind)));
    let mut left_out = LeftOut::new();
    for observation in seen {
        let Some(pointer) = &observation.pointer else { continue };
        let (subject, within) = surface.subject(pointer);
        let (Subject::Tool(_), Some(member)) = (subject, within.tokens().next()) else { continue };
        let tool = pointer.as_str().strip_suffix(within.as_str()).unwrap_or_default();
        let schema = Pointer::from(tool).join(&*member);
        left_out.entry(schema).or_insert_with(|| observation.detail.clone());
    }
    left_out
}

/// Adds that a schema cannot be compared, where its text has changed and not all of it was read.
pub(super) fn find(context: &mut Context<'_>, old: &Tool, new: &Tool) {
    for member in [Member::Input, Member::Output] {
        let places = [old, new].map(|tool| tool.pointer.join(member.as_str()));
        let views = [context.old.view(&places[0]), context.new.view(&places[1])];
        let [Some(before), Some(after)] = views else { continue };
        if before.text() == after.text() {
            continue;
        }
        let observed = context.left_out[0].get(&places[0]);
        let observed = observed.or_else(|| context.left_out[1].get(&places[1])).cloned();
        let reason = observed.or_else(|| {
            (inexact(before) != inexact(after))
                .then(|| "a number with more digits than 64 bits hold".to_owned())
        });
        let Some(reason) = reason else { continue };
        let [old_place, new_place] = places;
        context.changes.push(Change {
            subject: Subject::Tool(new.name.clone()),
            old: Some(old_place),
            new: Some(new_place),
            fact: Fact::Undecided(member, reason),
        });
    }
}

/// The numbers that are read as others, in canonical text.
fn inexact(view: View<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![view];
    while let Some(view) = open.pop() {
        match view.kind() {
            Kind::Array => open.extend(view.items()),
            Kind::Object => open.extend(view.members().map(|(_, value)| value)),
            // Up to fifteen digits every decimal is a float of its own.
            Kind::Number if view.text().len() > 15 => {
                let text = write(view, Layout::Canonical);
                let read = view.to_value().to_string();
                let back = Document::read(read.as_bytes(), &Limits::default());
                if back.is_ok_and(|back| write(back.root(), Layout::Canonical) != text) {
                    found.push(text);
                }
            }
            _ => {}
        }
    }
    found.sort_unstable();
    found
}
