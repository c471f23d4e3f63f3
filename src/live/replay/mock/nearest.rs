//! What was recorded that is nearest to what was not, and what differs.

use std::{cmp::Reverse, collections::BTreeSet};

use serde_json::Value;

use super::{
    library::Library,
    request::{Params, Request, Rpc},
    tape::Tape,
};

/// The most differences that are named.
const MOST_NAMED: usize = 3;
/// The most characters of a value that are shown.
const MOST_CHARACTERS: usize = 60;
/// The most names that are listed.
const MOST_NAMES: usize = 20;

/// Says what was recorded instead of a request, as a lowercase fragment.
pub(super) fn instead_of(request: &Request, library: &Library, tape: &Tape) -> String {
    let tool = request.params.tool.clone().unwrap_or_default();
    let kind = (request.method.clone(), tool.clone());
    let Some(near) = library.kinds.get(&kind) else {
        return match request.method.as_str() {
            "tools/call" => format!("no call of `{tool}` was recorded; {}", tools(&tool, library)),
            method => format!("no `{method}` was recorded; {}", methods(library)),
        };
    };
    let wanted = asked(&request.params);
    let mut best: Option<(usize, Vec<String>, u64)> = None;
    let mut looked_at = BTreeSet::new();
    for number in near {
        let entry = &library.entries[*number as usize];
        if !looked_at.insert((entry.fingerprint, entry.key)) {
            continue;
        }
        let Ok(message) = tape.message(entry.request) else { continue };
        let Ok(rpc) = serde_json::from_str::<Rpc<'_>>(message.get()) else { continue };
        let recorded = asked(&Params::read(&request.method, rpc.params));
        let mut differences = Vec::new();
        differ(&wanted, &recorded, "", &mut differences);
        if best.as_ref().is_none_or(|(fewest, ..)| differences.len() < *fewest) {
            best = Some((differences.len(), differences, entry.n));
        }
    }
    let what = match tool.is_empty() {
        true => format!("no `{}` like this", request.method),
        false => format!("no call of `{tool}` like this"),
    };
    let Some((count, mut differences, n)) = best else { return format!("{what} was recorded") };
    differences.truncate(MOST_NAMED);
    let more = match count - differences.len() {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let differences = match differences.is_empty() {
        true => "which was asked for in another way (as a task, or for an earlier question)".into(),
        false => format!("where {}", differences.join(", ")),
    };
    format!("{what} was recorded; the nearest is message {n}, {differences}{more}")
}

/// What counts of a request: the arguments of a call, else its params without `_meta`.
fn asked(params: &Params) -> Value {
    let raw = match &params.tool {
        Some(_) => params.arguments.as_deref(),
        None => params.raw.as_deref(),
    };
    let mut value: Value =
        raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
    if let Some(members) = value.as_object_mut().filter(|_| params.tool.is_none()) {
        members.remove("_meta");
    }
    if value.is_null() { Value::Object(serde_json::Map::new()) } else { value }
}

fn differ(here: &Value, there: &Value, pointer: &str, found: &mut Vec<String>) {
    match (here, there) {
        (Value::Object(here), Value::Object(there)) => {
            let names: BTreeSet<&String> = here.keys().chain(there.keys()).collect();
            for name in names {
                let inner = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
                match (here.get(name), there.get(name)) {
                    (Some(here), Some(there)) => differ(here, there, &inner, found),
                    (Some(_), None) => found.push(format!("there is no `{inner}`")),
                    (None, Some(there)) => {
                        found.push(format!("`{inner}` is {} and here it is missing", shown(there)));
                    }
                    (None, None) => {}
                }
            }
        }
        (Value::Array(here), Value::Array(there)) if here.len() == there.len() => {
            for (index, (here, there)) in here.iter().zip(there).enumerate() {
                differ(here, there, &format!("{pointer}/{index}"), found);
            }
        }
        _ if here == there => {}
        _ => found.push(format!("`{pointer}` is {} and here it is {}", shown(there), shown(here))),
    }
}

fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// The tools of a recording, those first that are spelled most like another one.
fn tools(tool: &str, library: &Library) -> String {
    let mut names: Vec<&str> = library.tools().collect();
    if names.is_empty() {
        return "no call was".to_owned();
    }
    let likeness = |name: &&str| Reverse((strsim::jaro_winkler(tool, name) * 1_000.0) as u64);
    names.sort_by_key(likeness);
    format!("calls were of {}", listed(&names))
}

fn methods(library: &Library) -> String {
    let names: BTreeSet<&str> = library.kinds.keys().map(|(method, _)| method.as_str()).collect();
    match names.is_empty() {
        true => "nothing was".to_owned(),
        false => format!("there are {}", listed(&names.into_iter().collect::<Vec<_>>())),
    }
}

fn listed(names: &[&str]) -> String {
    let first: Vec<String> =
        names.iter().take(MOST_NAMES).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(MOST_NAMES) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}
