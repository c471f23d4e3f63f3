//! What a contract says beside its tools, after tools or their arguments were given other names.
//!
//! Not for: renaming them, which is the business of a fix.

use serde_json::Value;

use super::is_contract;
use crate::engine::{
    protocol::{
        json::{
            View,
            edit::{Edit, Editor, apply},
        },
        pointer::Pointer,
    },
    surface::Surface,
};

/// The text of a contract, `after`, whose `deprecations` speak of tools and properties by the names
/// that these have in it now; none where they do already. `before` is the contract before anything
/// was renamed: the same tools in the same order.
pub fn following(before: &Surface, after: &Surface, text: &str) -> Option<String> {
    let [root, new_root] = [before, after].map(|surface| surface.document.root());
    let [known, list] = [root, new_root].map(|root| root.get("deprecations"));
    let (known, list) = (known?, list.filter(|_| is_contract(after))?);
    let mut entries: Vec<Value> = list.items().map(View::to_value).collect();
    let place = Pointer::from("/deprecations");
    let mut edits = Vec::new();
    let mut say = |index: usize, member: &str, value: &str| {
        let Some(old) = entries.get_mut(index).and_then(|entry| entry.get_mut(member)) else {
            return;
        };
        if old != value {
            *old = value.into();
            edits.push(Edit::Replace(place.join(index).join(member), value.into()));
        }
    };
    for (index, entry) in known.items().enumerate() {
        let name = entry.get("tool").and_then(View::as_str);
        let tool = before.tools.iter().position(|tool| Some(&*tool.name) == name.as_deref());
        let Some((old, new)) = tool.and_then(|it| Some((&before.tools[it], after.tools.get(it)?)))
        else {
            continue;
        };
        say(index, "tool", &new.name);
        let property = entry.get("property").and_then(View::as_str);
        let property = property.map(|pointer| Pointer::from(&*pointer));
        if let Some(moved) = property.and_then(|it| moved(&it, old.view(), new.view())) {
            say(index, "property", moved.as_str());
        }
    }
    let text_of =
        |entry: &Value, member| entry.get(member).and_then(Value::as_str).map(str::to_owned);
    let key = |entry: &Value| (text_of(entry, "tool"), text_of(entry, "property"));
    if edits.is_empty() {
        return None;
    }
    if !entries.is_sorted_by_key(key) {
        entries.sort_by_key(key);
        edits = vec![Edit::Replace(place, Value::Array(entries))];
    }
    let document = &after.document;
    let splices = Editor::new(document).splices(&edits, |pointer| new_root.at(pointer))?;
    let mark = &text[..text.len() - document.text().len()];
    Some(format!("{mark}{}", apply(document.text(), &splices)))
}

/// Where something stands after keys on the way to it were renamed in their places; none where it
/// cannot be told.
fn moved(pointer: &Pointer, mut old: View<'_>, mut new: View<'_>) -> Option<Pointer> {
    let mut path = Pointer::root();
    for token in pointer.tokens() {
        let step = |token: &str| Pointer::root().join(token);
        let inner = old.at(&step(&token))?;
        let name = match new.at(&step(&token)) {
            Some(_) => token,
            None if old.members().count() == new.members().count() => {
                let named =
                    |(key, _): (View<'_>, View<'_>)| key.as_str().is_some_and(|it| it == token);
                let index = old.members().position(named)?;
                new.members().nth(index)?.0.as_str()?
            }
            None => return None,
        };
        new = new.at(&step(&name))?;
        path.push(&name);
        old = inner;
    }
    Some(path)
}
