//! The sections of the file, in the order of [`Config`].

use std::collections::BTreeMap;

use toml_edit::Document;

use super::{
    Audience, Config, ConfigError, Contract, Deprecation, Diff, Extends, FORMAT, Lint, MetaKeys,
    Stability, ToolSettings,
    table::{Spanned, Table, position},
};
use crate::engine::{
    finding::{
        Severity,
        adjust::{BREAKING, ToolAdjustment},
        allow::Allow,
    },
    protocol::pointer::Pointer,
    rule::{self, Profile, client::Client, nearest_rule, nearest_rule_or_group, wording},
};

const PROFILES: &[(&str, Profile)] =
    &[("spec", Profile::Spec), ("recommended", Profile::Recommended), ("strict", Profile::Strict)];

const SEVERITIES: &[(&str, Severity)] =
    &[("error", Severity::Error), ("warning", Severity::Warning), ("info", Severity::Info)];

/// In diff, breaking is an error and any is information; both spellings are understood.
const DIFF_SEVERITIES: &[(&str, Severity)] = &[
    ("breaking", Severity::Error),
    ("warning", Severity::Warning),
    ("any", Severity::Info),
    ("error", Severity::Error),
    ("info", Severity::Info),
];

const LEVELS: &[(&str, Option<Severity>)] = &[
    ("error", Some(Severity::Error)),
    ("warning", Some(Severity::Warning)),
    ("info", Some(Severity::Info)),
    ("off", None),
];

const STABILITIES: &[(&str, Stability)] =
    &[("stable", Stability::Stable), ("experimental", Stability::Experimental)];

/// Reads the text of a `mcp-kit.toml`.
///
/// # Errors
/// At the first thing that is no TOML, not known, of the wrong type, missing or not possible, with
/// its place.
pub fn read(text: &str) -> Result<Config, ConfigError> {
    let document = Document::parse(text).map_err(|error| ConfigError {
        message: error.message().trim_end().replace('\n', ", "),
        position: position(text, error.span().map_or(0, |span| span.start)),
        help: Some("the file is TOML, see https://toml.io".to_owned()),
    })?;
    let file = Table::root(&document, text);
    // What stands under `servers` is read where servers are looked up, like every configuration of a
    // client.
    file.only(&[
        "format", "lint", "diff", "contract", "deprecation", "replay", "severity", "tools",
        "allow", "servers",
    ])?;
    refuse_other_formats(&file)?;
    Ok(Config {
        lint: lint(&file)?,
        diff: diff(&file)?,
        contract: contract(&file)?,
        deprecation: deprecation(&file)?,
        replay: super::replay::replay(&file)?,
        severities: severities(&file)?,
        tools: tools(&file)?,
        allow: file.tables("allow")?.iter().map(allow).collect::<Result<_, _>>()?,
    })
}

fn refuse_other_formats(file: &Table<'_>) -> Result<(), ConfigError> {
    match file.text("format")? {
        Some(format) if format.value != FORMAT => {
            let shown = wording::shorten(format.value);
            let message = format!("the file's format is `{shown}`; this version reads `{FORMAT}`");
            let help = "a newer mcp-kit may read it; without `format` the file is taken to be of \
                        the oldest format that there is";
            Err(file.error(format.span, message).help(help))
        }
        _ => Ok(()),
    }
}

fn lint(file: &Table<'_>) -> Result<Lint, ConfigError> {
    let Some(section) = file.table("lint")? else { return Ok(Lint::default()) };
    section.only(&[
        "extends", "profile", "targets", "select", "ignore", "fail_on", "baseline", "max_tools",
        "max_tool_tokens", "max_tokens", "vendors", "domain",
    ])?;
    let select = rules_or_groups(&section, "select")?;
    let ignore = rules_or_groups(&section, "ignore")?;
    if let Some(both) = ignore.iter().find(|name| select.iter().any(|it| it.value == name.value)) {
        let message = format!("`{}` is both selected and ignored", both.value);
        return Err(section.error(both.span.clone(), message).help("keep one of the two"));
    }
    let owned = |names: Vec<Spanned<&str>>| names.iter().map(|it| it.value.to_owned()).collect();
    let text = |key| Ok(section.text(key)?.map(|text| text.value.to_owned()));
    let extends = section.text("extends")?.map(|path| Extends {
        path: path.value.to_owned(),
        position: section.position_of(&path.span),
    });
    let vendors = section.texts("vendors")?;
    if let Some(empty) = vendors.iter().find(|it| !it.value.contains(char::is_alphanumeric)) {
        let message = format!("`{}` of `vendors` is no word", wording::shorten(empty.value));
        return Err(section.error(empty.span.clone(), message));
    }
    Ok(Lint {
        extends,
        profile: section.choice("profile", PROFILES)?,
        targets: targets(&section)?,
        select: owned(select),
        ignore: owned(ignore),
        fail_on: section.choice("fail_on", SEVERITIES)?,
        baseline: text("baseline")?,
        max_tools: section.count("max_tools")?,
        max_tool_tokens: section.count("max_tool_tokens")?,
        max_tokens: section.count("max_tokens")?,
        vendors: owned(vendors),
        domain: text("domain")?,
    })
}

fn targets(section: &Table<'_>) -> Result<Vec<Client>, ConfigError> {
    let names = section.texts("targets")?;
    let client = |name: &Spanned<&str>| {
        name.value.parse().map_err(|_| {
            let message = format!("there is no client `{}` in the table of limits", name.value);
            let help = format!("known are {}", Client::ALL.map(Client::as_str).join(", "));
            section.error(name.span.clone(), message).help(help)
        })
    };
    names.iter().map(client).collect()
}

fn rules_or_groups<'a>(
    section: &Table<'a>,
    key: &str,
) -> Result<Vec<Spanned<&'a str>>, ConfigError> {
    let names = section.texts(key)?;
    for name in &names {
        if rule::find(name.value).is_none() && !rule::is_group(name.value) {
            let near = nearest_rule_or_group(name.value);
            return Err(unknown(section, name, "rule or group", near));
        }
    }
    Ok(names)
}

fn unknown_rule(section: &Table<'_>, name: &Spanned<&str>) -> ConfigError {
    if rule::is_group(name.value) {
        let message = format!("`{}` is a group, and one rule is asked for here", name.value);
        let help = "name one of its rules; `mcp-kit explain --list` shows them all";
        return section.error(name.span.clone(), message).help(help);
    }
    unknown(section, name, "rule", nearest_rule(name.value))
}

fn unknown(
    section: &Table<'_>,
    name: &Spanned<&str>,
    what: &str,
    near: Option<&str>,
) -> ConfigError {
    let message = format!("there is no {what} `{}`", wording::shorten(name.value));
    let help = match near {
        Some(near) => format!("did you mean `{near}`? `mcp-kit explain --list` shows them all"),
        None => "`mcp-kit explain --list` shows them all".to_owned(),
    };
    section.error(name.span.clone(), message).help(help)
}

fn diff(file: &Table<'_>) -> Result<Diff, ConfigError> {
    let Some(section) = file.table("diff")? else { return Ok(Diff::default()) };
    section.only(&["fail_on", "strict", "assert_formats"])?;
    Ok(Diff {
        fail_on: section.choice("fail_on", DIFF_SEVERITIES)?,
        strict: section.flag("strict")?,
        assert_formats: section.flag("assert_formats")?,
    })
}

fn contract(file: &Table<'_>) -> Result<Contract, ConfigError> {
    let mut contract = Contract::default();
    let Some(section) = file.table("contract")? else { return Ok(contract) };
    section.only(&["path", "audience"])?;
    if let Some(path) = section.text("path")? {
        contract.path = path.value.to_owned();
    }
    for entry in section.tables("audience")? {
        entry.only(&["name", "path"])?;
        let name = entry.required("name", "say who sees this list, for example \"admin\"")?;
        let path = entry.required("path", "say where its contract lies, beside this file")?;
        if contract.audiences.iter().any(|other| other.name == name.value) {
            let message = format!("two audiences are called `{}`", wording::shorten(name.value));
            return Err(entry.error(name.span, message).help("give each a name of its own"));
        }
        let (name, path) = (name.value.to_owned(), path.value.to_owned());
        contract.audiences.push(Audience { name, path });
    }
    Ok(contract)
}

fn deprecation(file: &Table<'_>) -> Result<Deprecation, ConfigError> {
    let Some(section) = file.table("deprecation")? else { return Ok(Deprecation::default()) };
    section.only(&["window_days", "releases", "meta"])?;
    let mut meta = MetaKeys::default();
    if let Some(keys) = section.table("meta")? {
        keys.only(&["deprecated", "since", "sunset", "replacement"])?;
        let key = |name| Ok(keys.text(name)?.map(|key| key.value.to_owned()));
        meta = MetaKeys {
            deprecated: key("deprecated")?,
            since: key("since")?,
            sunset: key("sunset")?,
            replacement: key("replacement")?,
        };
    }
    Ok(Deprecation {
        window_days: section.count("window_days")?,
        releases: section.count("releases")?,
        meta,
    })
}

/// A table of severities: `[severity]` of the file, or of a tool.
fn severities(outer: &Table<'_>) -> Result<BTreeMap<String, Option<Severity>>, ConfigError> {
    let mut severities = BTreeMap::new();
    let Some(section) = outer.table("severity")? else { return Ok(severities) };
    for name in section.entries() {
        if rule::find(name.value).is_none() {
            return Err(unknown_rule(&section, &name));
        }
        if let Some(level) = section.choice(name.value, LEVELS)? {
            severities.insert(name.value.to_owned(), level);
        }
    }
    Ok(severities)
}

fn tools(file: &Table<'_>) -> Result<BTreeMap<String, ToolSettings>, ConfigError> {
    let mut tools = BTreeMap::new();
    let Some(section) = file.table("tools")? else { return Ok(tools) };
    for name in section.entries() {
        let Some(settings) = section.table(name.value)? else { continue };
        settings.only(&["stability", "ignore", "severity"])?;
        let stability = settings.choice("stability", STABILITIES)?;
        let ignore = rules_or_groups(&settings, "ignore")?;
        let adjustment = ToolAdjustment {
            ignore: ignore.iter().map(|name| name.value.to_owned()).collect(),
            severities: severities(&settings)?,
        };
        tools.insert(name.value.to_owned(), ToolSettings { stability, adjustment });
    }
    Ok(tools)
}

fn allow(entry: &Table<'_>) -> Result<Allow, ConfigError> {
    entry.only(&["rule", "tool", "pointer", "fingerprint", "reason", "until"])?;
    let rule = entry.required("rule", "name the rule whose findings are allowed")?;
    let reason = entry.required(
        "reason",
        "say why it is lived with: whoever reads the entry in a year has nothing else to go by",
    )?;
    let until = entry.date("until")?;
    if until.is_none() && rule.value.starts_with(BREAKING) {
        let help = "a break is accepted for a time: give the last day as until = YYYY-MM-DD";
        return Err(entry.missing("until", help));
    }
    if rule::find(rule.value).is_none() {
        return Err(unknown_rule(entry, &rule));
    }
    let pointer = entry.text("pointer")?;
    if let Some(wrong) = pointer.as_ref().filter(|pointer| !pointer.value.starts_with('/')) {
        let shown = wording::shorten(wrong.value);
        let message = format!("`pointer` of `[[allow]]` is `{shown}`, which is no JSON Pointer");
        let help = "give the place inside the tool, for example /inputSchema/properties/limit";
        return Err(entry.error(wrong.span.clone(), message).help(help));
    }
    let owned = |text: Option<Spanned<&str>>| text.map(|text| text.value.to_owned());
    Ok(Allow {
        rule: rule.value.to_owned(),
        tool: owned(entry.text("tool")?),
        pointer: pointer.map(|pointer| Pointer::from(pointer.value)),
        fingerprint: owned(entry.text("fingerprint")?),
        reason: reason.value.trim().to_owned(),
        until,
        position: entry.position(),
    })
}
