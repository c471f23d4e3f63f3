//! What counts and where it comes from: for `mcp-kit config show`.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Map, Value, json};
use toml_edit::{Document, TableLike};

use super::{Binding, Config, Counter, Replay, Reset, Stability, table::position};
use crate::engine::{
    finding::{Severity, allow::Allow},
    protocol::json::Position,
    rule::Profile,
};

/// A value that counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Effective {
    /// The key as TOML writes it: `lint.profile`, `severity."name/too-long"`; of an entry of a list
    /// of tables, its index behind it.
    pub key: String,
    /// The value; null where there is none.
    pub value: Value,
    /// Where it comes from: a list may have been put together. Empty for what is the program's own.
    pub origins: Vec<Origin>,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A flag, as it is written.
    Flag(&'static str),
    /// A file.
    File {
        /// As it is shown.
        file: String,
        /// The key's place.
        position: Position,
    },
}

/// Where the values of one set of decisions stand, by the steps of their keys.
pub type Layer = BTreeMap<Vec<String>, Origin>;

/// Where everything stands in the text of a file that [`super::read`] has accepted.
pub fn places(text: &str, file: &str) -> Layer {
    let mut layer = Layer::new();
    if let Ok(document) = Document::parse(text) {
        let place =
            |offset| Origin::File { file: file.to_owned(), position: position(text, offset) };
        walk(document.as_table(), &[], &mut |key, offset| drop(layer.insert(key, place(offset))));
    }
    layer
}

fn walk(table: &dyn TableLike, outer: &[String], found: &mut impl FnMut(Vec<String>, usize)) {
    for (name, item) in table.iter() {
        let key: Vec<String> = outer.iter().cloned().chain([name.to_owned()]).collect();
        let span = table.key(name).and_then(|key| key.span()).or_else(|| item.span());
        found(key.clone(), span.map_or(0, |span| span.start));
        if let Some(inner) = item.as_table_like() {
            walk(inner, &key, found);
        }
    }
}

/// Every value that counts, in the order of `docs/formats.md`. The layers are those that the
/// configuration was put together from: flags, the project's file, and then what it extends.
pub fn effective(config: &Config, layers: &[Layer]) -> Vec<Effective> {
    let mut list = List { layers, values: Vec::new() };
    let (lint, diff) = (&config.lint, &config.diff);
    let settings = config.settings();
    let clients: Vec<&str> = lint.targets.iter().map(|client| client.as_str()).collect();
    let extends = lint.extends.as_ref().map(|extends| &extends.path);
    list.own(&["lint", "extends"], json!(extends));
    list.first(&["lint", "profile"], json!(lint.profile.unwrap_or(Profile::Recommended).as_str()));
    list.first(&["lint", "targets"], json!(clients));
    list.all(&["lint", "select"], json!(lint.select));
    list.all(&["lint", "ignore"], json!(lint.ignore));
    list.first(&["lint", "fail_on"], json!(lint.fail_on.unwrap_or(Severity::Error)));
    list.own(&["lint", "baseline"], json!(lint.baseline));
    list.first(&["lint", "max_tools"], json!(settings.max_tools));
    list.first(&["lint", "max_tool_tokens"], json!(settings.max_tool_tokens));
    list.first(&["lint", "max_tokens"], json!(settings.max_tokens));
    list.all(&["lint", "vendors"], json!(settings.vendors));
    list.first(&["lint", "domain"], json!(settings.domain));
    let fail_on = match diff.fail_on {
        None | Some(Severity::Error) => "breaking",
        Some(Severity::Warning) => "warning",
        Some(Severity::Info) => "any",
    };
    list.first(&["diff", "fail_on"], json!(fail_on));
    list.first(&["diff", "strict"], json!(diff.strict.unwrap_or(false)));
    list.first(&["diff", "assert_formats"], json!(diff.assert_formats.unwrap_or(false)));
    list.own(&["contract", "path"], json!(config.contract.path));
    let audiences = config.contract.audiences.iter();
    let audiences: Vec<Value> =
        audiences.map(|it| json!({"name": it.name, "path": it.path})).collect();
    list.own(&["contract", "audience"], json!(audiences));
    let deprecation = &config.deprecation;
    list.first(&["deprecation", "window_days"], json!(deprecation.window_days));
    list.first(&["deprecation", "releases"], json!(deprecation.releases));
    for (name, key) in [
        ("deprecated", &deprecation.meta.deprecated),
        ("since", &deprecation.meta.since),
        ("sunset", &deprecation.meta.sunset),
        ("replacement", &deprecation.meta.replacement),
    ] {
        list.first(&["deprecation", "meta", name], json!(key));
    }
    if let Some(replay) = &config.replay {
        list.replay(replay);
    }
    for (rule, severity) in &config.severities {
        list.first(&["severity", rule], json!(level(*severity)));
    }
    for (name, tool) in &config.tools {
        if let Some(stability) = tool.stability {
            let stability = match stability {
                Stability::Stable => "stable",
                Stability::Experimental => "experimental",
            };
            list.first(&["tools", name, "stability"], json!(stability));
        }
        if !tool.adjustment.ignore.is_empty() {
            list.all(&["tools", name, "ignore"], json!(tool.adjustment.ignore));
        }
        for (rule, severity) in &tool.adjustment.severities {
            list.first(&["tools", name, "severity", rule], json!(level(*severity)));
        }
    }
    for (index, entry) in config.allow.iter().enumerate() {
        list.entry(index, entry);
    }
    list.values
}

fn level(severity: Option<Severity>) -> &'static str {
    severity.map_or("off", Severity::as_str)
}

struct List<'a> {
    layers: &'a [Layer],
    values: Vec<Effective>,
}

impl List<'_> {
    /// A value of the first layer that has it.
    fn first(&mut self, key: &[&str], value: Value) {
        let origins = self.origins(key, self.layers).into_iter().take(1).collect();
        self.push(key, value, origins);
    }

    /// A list that all layers add to.
    fn all(&mut self, key: &[&str], value: Value) {
        self.push(key, value, self.origins(key, self.layers));
    }

    /// A value that is not taken from a file that is extended.
    fn own(&mut self, key: &[&str], value: Value) {
        let own = &self.layers[..self.layers.len().min(2)];
        let origins = self.origins(key, own).into_iter().take(1).collect();
        self.push(key, value, origins);
    }

    fn entry(&mut self, index: usize, entry: &Allow) {
        let members = [
            ("rule", Some(json!(entry.rule))),
            ("tool", entry.tool.as_ref().map(|tool| json!(tool))),
            ("pointer", entry.pointer.as_ref().map(|pointer| json!(pointer.as_str()))),
            ("fingerprint", entry.fingerprint.as_ref().map(|it| json!(it))),
            ("reason", Some(json!(entry.reason))),
            ("until", entry.until.map(|until| json!(until.to_string()))),
        ];
        let members = members.into_iter();
        let value: Map<String, Value> =
            members.filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
        let mut origins = self.origins(&["allow"], &self.layers[..self.layers.len().min(2)]);
        if let Some(Origin::File { position, .. }) = origins.first_mut() {
            *position = entry.position;
        }
        let (key, value) = (format!("allow[{index}]"), Value::Object(value));
        self.values.push(Effective { key, value, origins });
    }

    /// What is said about replays: the options have their defaults in `mcp-kit replay --help`.
    fn replay(&mut self, replay: &Replay) {
        let time = |time: Option<Duration>| time.map(|it| json!(format!("{}ms", it.as_millis())));
        let reset = replay.reset.as_ref().map(|reset| match reset {
            Reset::Command(command) => ("command", json!(command)),
            Reset::Control => ("control", json!(true)),
        });
        let values = [
            ("allow_writes", replay.allow_writes.map(Value::from)),
            ("restart", replay.restart.map(Value::from)),
            ("rounds", replay.rounds.map(Value::from)),
            ("racers", replay.racers.map(Value::from)),
            ("settle", time(replay.settle)),
            ("wait", time(replay.wait)),
            ("slow", time(replay.slow)),
            ("task_limit", time(replay.task_limit)),
            ("key", replay.key.clone().map(Value::from)),
            ("control", replay.control.clone().map(Value::from)),
            ("other_command", replay.other_command.clone().map(Value::from)),
            ("other_bearer_env", replay.other_bearer_env.clone().map(Value::from)),
        ];
        for (name, value) in values {
            if let Some(value) = value {
                self.own(&["replay", name], value);
            }
        }
        let observers = replay.observers.iter().map(|observe| {
            let tool = json!(observe.tool);
            match &observe.counter {
                Counter::Lines(file) => json!({"tool": tool, "lines": file}),
                Counter::Files(folder) => json!({"tool": tool, "files": folder}),
                Counter::Command(command) => json!({"tool": tool, "command": command}),
                Counter::Rows { table, database } => {
                    json!({"tool": tool, "rows": table, "database": database})
                }
            }
        });
        let bindings = replay.bindings.iter().map(|binding| match binding {
            Binding::Link { from, to } => json!({"from": from.text, "to": to.text}),
            Binding::Never(place) => json!({"never": place.text}),
        });
        let lists: [(&str, Vec<Value>); 2] =
            [("observe", observers.collect()), ("binding", bindings.collect())];
        for (name, entries) in lists.into_iter().filter(|(_, entries)| !entries.is_empty()) {
            self.own(&["replay", name], Value::Array(entries));
        }
        if let Some((name, value)) = reset {
            self.own(&["replay", "reset", name], value);
        }
    }

    fn origins(&self, key: &[&str], layers: &[Layer]) -> Vec<Origin> {
        let key: Vec<String> = key.iter().map(|step| (*step).to_owned()).collect();
        layers.iter().filter_map(|layer| layer.get(&key).cloned()).collect()
    }

    fn push(&mut self, key: &[&str], value: Value, origins: Vec<Origin>) {
        let is_bare = |step: &str| {
            let is_plain = |it: char| it.is_ascii_alphanumeric() || it == '_' || it == '-';
            !step.is_empty() && step.chars().all(is_plain)
        };
        let step =
            |step: &&str| if is_bare(step) { (*step).to_owned() } else { json!(step).to_string() };
        let key = key.iter().map(step).collect::<Vec<_>>().join(".");
        self.values.push(Effective { key, value, origins });
    }
}
