//! Since when something is on its way out.
//!
//! The specification has no field for it. A tool says it in `_meta`, a property with
//! `deprecated: true`. Neither says reliably since when, so the contract keeps, for each deprecated
//! thing, the version and the day at which it was first seen deprecated and how many versions have
//! said so. A policy ("two releases", "ninety days") can then be checked from one file.

use serde_json::{Value, json};

use crate::engine::{
    protocol::{date::Date, pointer::Pointer},
    schema::Walk,
    surface::{Surface, Tool},
};

/// The keys of a tool's `_meta` that say it is deprecated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    /// Deprecated: an object with `since`, `sunset` and `replacement`, or anything but `false`.
    pub deprecated: Vec<String>,
    /// The version of the server since when.
    pub since: Vec<String>,
    /// The name of the tool to use instead.
    pub replacement: Vec<String>,
    /// The day from which the tool may be gone.
    pub sunset: Vec<String>,
}

impl Default for Keys {
    fn default() -> Self {
        let keys = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            deprecated: keys(&["dev.mcp-kit/deprecated", "deprecated"]),
            since: keys(&["since"]),
            replacement: keys(&["replacement"]),
            sunset: keys(&["sunset"]),
        }
    }
}

/// What a tool says about its own end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mark {
    /// The version of the server since when.
    pub since: Option<String>,
    /// The day from which it may be gone, as it was written.
    pub sunset: Option<String>,
    /// The tool to use instead.
    pub replacement: Option<String>,
}

impl Mark {
    /// The mark of a tool, if it is deprecated.
    pub fn of(tool: &Tool, keys: &Keys) -> Option<Self> {
        tool.view().get("_meta")?;
        let meta = tool.value().get("_meta")?;
        let first = |names: &[String]| {
            let is_set = |value: &&Value| !value.is_null() && **value != Value::Bool(false);
            names.iter().find_map(|name| meta.get(name).filter(is_set))
        };
        let deprecated = first(&keys.deprecated)?;
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let beside = |names: &[String]| text(first(names));
        Some(Self {
            since: text(deprecated.get("since")).or_else(|| beside(&keys.since)),
            sunset: text(deprecated.get("sunset")).or_else(|| beside(&keys.sunset)),
            replacement: text(deprecated.get("replacement")).or_else(|| beside(&keys.replacement)),
        })
    }
}

/// Something deprecated, and since when it has been seen to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deprecation {
    /// The tool.
    pub tool: String,
    /// Where in the tool the deprecated subschema stands; none for the tool itself.
    pub property: Option<Pointer>,
    /// The server's version when it was first seen deprecated.
    pub first_version: Option<String>,
    /// The day on which it was first seen deprecated.
    pub first_date: Date,
    /// How many versions have had the mark, the first one included.
    pub versions: u32,
}

/// What a contract knows about deprecated things; nothing for any other document.
pub fn deprecations(surface: &Surface) -> Vec<Deprecation> {
    let Some(list) = surface.document.root().get("deprecations") else { return Vec::new() };
    let read = |entry: Value| {
        let text = |name: &str| entry.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Deprecation {
            tool: text("tool")?,
            property: text("property").map(|pointer| Pointer::from(pointer.as_str())),
            first_version: text("first_version"),
            first_date: text("first_date")?.parse().ok()?,
            versions: u32::try_from(entry.get("versions")?.as_u64()?).ok()?,
        })
    };
    list.items().filter_map(|entry| read(entry.to_value())).collect()
}

/// The deprecated things of a surface: what the previous contract knew of them, and the rest from
/// today on. A new version of the server counts once.
pub(super) fn continued(
    surface: &Surface,
    previous: Option<&Surface>,
    today: Date,
    keys: &Keys,
) -> Vec<Deprecation> {
    let known = previous.map(deprecations).unwrap_or_default();
    let is_new_version =
        previous.is_some_and(|previous| previous.server.version != surface.server.version);
    let mut all: Vec<Deprecation> = deprecated(surface, keys)
        .into_iter()
        .map(|(tool, property)| {
            let is_it = |entry: &&Deprecation| entry.tool == tool && entry.property == property;
            match known.iter().find(is_it) {
                Some(entry) => {
                    let versions = entry.versions.saturating_add(u32::from(is_new_version));
                    Deprecation { versions, ..entry.clone() }
                }
                None => {
                    let first_version = surface.server.version.clone();
                    Deprecation { tool, property, first_version, first_date: today, versions: 1 }
                }
            }
        })
        .collect();
    all.sort_by(|one, two| (&one.tool, &one.property).cmp(&(&two.tool, &two.property)));
    all
}

/// The tools and properties that are deprecated now.
fn deprecated(surface: &Surface, keys: &Keys) -> Vec<(String, Option<Pointer>)> {
    let mut found = Vec::new();
    for tool in &surface.tools {
        if Mark::of(tool, keys).is_some() {
            found.push((tool.name.clone(), None));
        }
        for (place, schema) in tool.schemas() {
            let within = place.strip_prefix(&tool.pointer).unwrap_or_default();
            let walk = Walk::of(schema);
            let deprecated =
                walk.iter().filter(|it| it.get("deprecated") == Some(&Value::Bool(true)));
            found.extend(
                deprecated.map(|it| (tool.name.clone(), Some(within.concat(&it.pointer())))),
            );
        }
    }
    found
}

/// The entries as the contract writes them.
pub(super) fn to_json(deprecations: &[Deprecation]) -> Value {
    let entry = |it: &Deprecation| {
        let mut entry = json!({
            "tool": it.tool,
            "first_date": it.first_date.to_string(),
            "versions": it.versions,
        });
        if let Some(property) = &it.property {
            entry["property"] = json!(property.as_str());
        }
        if let Some(version) = &it.first_version {
            entry["first_version"] = json!(version);
        }
        entry
    };
    deprecations.iter().map(entry).collect()
}
