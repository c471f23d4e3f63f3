//! What to write in the source of a server to put its findings right: for each tool what is to
//! change, and the lines in the words of an SDK.
//!
//! The lines come from the tool as it would be after the fixes, part by part; which rule wanted them
//! does not matter here. They are a start: types of the host language are told from the schema, and
//! what is not to change is left out, tool by tool and argument by argument. What the words of an SDK
//! do not say of an argument, or of the rest of a tool, stands in a comment behind them, as JSON.

mod exact;
mod python;
mod rust;
mod shape;
#[cfg(test)]
mod tests;
mod typescript;
mod word;

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write,
};

use exact::{CUT, Exact};
use serde_json::Value;

use super::{counted, escape::for_terminal, text::BOLD};
use crate::engine::{
    finding::Applicability,
    protocol::{json::Limits, pointer::Pointer},
    rule::repair::{Fixed, Repaired},
    surface::{self, Surface, Tool},
};

/// Most tools whose lines are shown.
const MAX_TOOLS: usize = 50;
/// Most fixes and most arguments that are shown of one tool.
const MAX_PARTS: usize = 100;
/// Longest text in a line, in characters. Where one is cut the list says so.
const MAX_TEXT: usize = 16_384;
/// Longest name in a heading, in characters.
const MAX_NAME: usize = 160;

/// An SDK that servers are written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sdk {
    /// rmcp, with schemars.
    Rust,
    /// The Python SDK and FastMCP, with pydantic.
    Python,
    /// The TypeScript SDK, with zod.
    TypeScript,
}

impl Sdk {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Rust, Self::Python, Self::TypeScript];

    /// The name used on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Python => "python",
            Self::TypeScript => "typescript",
        }
    }

    /// The SDK that a program is most likely built on; none where its name does not tell.
    pub fn of_program(program: &str) -> Option<Self> {
        let name = program.rsplit(['/', '\\']).next()?.trim_end_matches(".exe");
        let bare = name.trim_end_matches(|it: char| it.is_ascii_digit() || it == '.');
        match bare {
            "python" | "uv" | "uvx" | "pipx" | "poetry" | "pdm" | "hatch" => Some(Self::Python),
            "node" | "npx" | "npm" | "pnpm" | "yarn" | "tsx" | "ts-node" | "bun" | "bunx"
            | "deno" => Some(Self::TypeScript),
            "cargo" => Some(Self::Rust),
            // Where cargo puts what it builds.
            _ if program.contains("/debug/") || program.contains("/release/") => Some(Self::Rust),
            _ => None,
        }
    }

    /// The lines for what changes about a tool with these arguments.
    fn lines<'a>(
        self,
        parts: &[Part<'_>],
        names: impl Iterator<Item = &'a str> + Clone,
    ) -> Vec<String> {
        let lines: fn(&Part<'_>, &BTreeMap<&str, String>) -> Vec<String> = match self {
            Self::Rust => rust::lines,
            Self::Python => python::lines,
            Self::TypeScript => |part, _| typescript::lines(part),
        };
        let identifiers = match self {
            Self::Rust => rust::identifiers(names),
            Self::Python => python::identifiers(names),
            Self::TypeScript => BTreeMap::new(),
        };
        let mark = if self == Self::Python { "#" } else { "//" };
        let lines = |part: &Part<'_>| match part {
            Part::Rest(patch) => {
                let patch = patch.in_comment();
                vec![format!("{mark} elsewhere in the tool, as a JSON merge patch: {patch}")]
            }
            part => lines(part, &identifiers),
        };
        parts.iter().flat_map(lines).collect()
    }
}

/// Something that changes about a tool.
enum Part<'a> {
    /// Members of the tool itself, with their new values; null for one that goes.
    Head { tool: &'a str, members: Vec<(&'a str, &'a Value)> },
    /// One argument.
    Argument {
        name: &'a str,
        schema: &'a Exact,
        is_required: bool,
        /// What the schema was before; none where the argument is new.
        before: Option<&'a Exact>,
    },
    /// An argument that there is no more.
    Gone { name: &'a str },
    /// All else that changes.
    Rest(Exact),
}

impl Part<'_> {
    /// Whether a text in it is too long to be written whole.
    fn is_cut(&self) -> bool {
        match self {
            Self::Head { members, .. } => members.iter().any(|(_, value)| word::is_cut(value)),
            Self::Argument { name, schema, .. } => {
                name.chars().nth(MAX_TEXT).is_some() || schema.has_cut_text()
            }
            Self::Rest(patch) => patch.has_cut_text(),
            Self::Gone { .. } => false,
        }
    }
}

/// The list as text with ANSI styles, newline included. For one SDK, or for all of them. `repaired`
/// is the text of the surface's document after its fixes; none where nothing was to be done.
/// `more` says how many findings only unsafe fixes would put right, where those are not asked for.
pub fn render(
    surface: &Surface,
    repaired: Option<&Repaired>,
    sdk: Option<Sdk>,
    more: usize,
) -> String {
    let fixed = repaired.map_or(&[][..], |repaired| &repaired.fixed);
    let text = repaired.map_or("", |repaired| &repaired.text);
    let after = match fixed {
        [] => None,
        _ => surface::read(text.as_bytes(), &Limits::for_bytes(text.len())).ok(),
    };
    let Some(after) = after else {
        return match more {
            0 => "\nnothing that a rule knows how to put right\n".to_owned(),
            _ => "\nnothing that can be put right safely\n".to_owned(),
        };
    };
    let mut tools: Vec<Patched<'_>> = Vec::new();
    let mut others: Vec<String> = Vec::new();
    let mut is_cut = false;
    let places: HashMap<&Pointer, usize> =
        surface.tools.iter().enumerate().map(|(index, tool)| (&tool.pointer, index)).collect();
    for fixed in fixed {
        let line = titled(fixed);
        // Fixes move no tool and take none away.
        let index = fixed.tool.as_ref().and_then(|tool| places.get(tool).copied());
        let pair = index.and_then(|index| Some((&surface.tools[index], after.tools.get(index)?)));
        let Some((before, after)) = pair else {
            add(&mut others, line);
            continue;
        };
        match tools.iter().position(|it| it.before.pointer == before.pointer) {
            Some(known) => add(&mut tools[known].fixes, line),
            None if tools.len() == MAX_TOOLS => is_cut = true,
            None => tools.push(Patched { before, after, fixes: vec![line] }),
        }
    }
    let sdks = sdk.map_or(Sdk::ALL.to_vec(), |sdk| vec![sdk]);
    let mut text = format!("\n{BOLD}what to write{BOLD:#}\n");
    if !others.is_empty() {
        let _ = write!(text, "\n{BOLD}server{BOLD:#}\n");
        write_fixes(&others, &mut text);
    }
    for patched in &tools {
        let name: String = patched.before.name.chars().take(MAX_NAME).collect();
        let _ = write!(text, "\n{BOLD}{}{BOLD:#}\n", for_terminal(&name));
        patched.write(&sdks, &mut text);
    }
    if is_cut {
        let _ = write!(text, "\nonly the first {} are shown\n", counted(MAX_TOOLS, "tool"));
    }
    text
}

fn titled(fixed: &Fixed) -> String {
    let mark = if fixed.applicability == Applicability::Unsafe { " (unsafe)" } else { "" };
    format!("{}: {}{mark}", fixed.rule, fixed.title)
}

fn add(lines: &mut Vec<String>, line: String) {
    if !lines.contains(&line) {
        lines.push(line);
    }
}

fn write_fixes(fixes: &[String], text: &mut String) {
    for fix in fixes.iter().take(MAX_PARTS) {
        let _ = writeln!(text, "  {}", for_terminal(fix));
    }
    if fixes.len() > MAX_PARTS {
        let _ = writeln!(text, "  and {} more", fixes.len() - MAX_PARTS);
    }
}

/// A tool and what is done about it.
struct Patched<'a> {
    before: &'a Tool,
    /// The tool with all of its fixes.
    after: &'a Tool,
    fixes: Vec<String>,
}

impl Patched<'_> {
    fn write(&self, sdks: &[Sdk], text: &mut String) {
        write_fixes(&self.fixes, text);
        let [before, after] = [self.before, self.after].map(|tool| Exact::of(tool.view()));
        let mut all = heads(self.before.value(), self.after.value(), &self.before.name);
        all.extend(parts(&before, &after));
        let shown = &all[..all.len().min(MAX_PARTS)];
        let arguments = after.get("inputSchema").and_then(properties);
        let names = arguments.into_iter().flat_map(|it| it.keys().map(String::as_str));
        let mut is_cut = shown.iter().any(Part::is_cut);
        for sdk in sdks {
            let lines = sdk.lines(shown, names.clone());
            if lines.is_empty() {
                continue;
            }
            if sdks.len() > 1 {
                let _ = writeln!(text, "    {}:", sdk.as_str());
            }
            for line in lines {
                is_cut |= line.ends_with(CUT);
                let _ = writeln!(text, "      {}", for_terminal(&line));
            }
        }
        if all.len() > shown.len() {
            let _ = writeln!(text, "    lines for {} more are left out", all.len() - shown.len());
        }
        if is_cut {
            let _ = writeln!(
                text,
                "    texts are cut after {} characters: change those where they stand",
                super::grouped(MAX_TEXT)
            );
        }
    }
}

/// What is different about the members that every SDK has words for.
fn heads<'a>(before: &'a Value, after: &'a Value, name: &'a str) -> Vec<Part<'a>> {
    let members: Vec<(&str, &Value)> = HEAD
        .into_iter()
        .filter(|member| before.get(member) != after.get(member))
        .map(|member| (member, after.get(member).unwrap_or(&Value::Null)))
        .collect();
    (!members.is_empty()).then_some(Part::Head { tool: name, members }).into_iter().collect()
}

const HEAD: [&str; 4] = ["name", "title", "description", "annotations"];

/// What else is different about a tool, in the order in which it is written.
fn parts<'a>(before: &'a Exact, after: &'a Exact) -> Vec<Part<'a>> {
    let mut parts = Vec::new();
    let [known, new] = [before, after].map(|tool| tool.get("inputSchema"));
    let [known_arguments, arguments] = [known, new].map(|schema| schema.and_then(properties));
    for (name, schema) in arguments.into_iter().flatten() {
        let before = known_arguments.and_then(|known| known.get(name));
        let is_required = requires(new, name);
        if before != Some(schema) || requires(known, name) != is_required {
            parts.push(Part::Argument { name, schema, is_required, before });
        }
    }
    for (name, _) in known_arguments.into_iter().flatten() {
        if arguments.is_none_or(|arguments| !arguments.contains_key(name)) {
            parts.push(Part::Gone { name });
        }
    }
    parts.extend(before.changes(after).and_then(rest).map(Part::Rest));
    parts
}

/// Of the changes of a tool those that no other part shows.
fn rest(changes: Exact) -> Option<Exact> {
    let Exact::Object(mut changes) = changes else { return Some(changes) };
    HEAD.into_iter().for_each(|member| drop(changes.remove(member)));
    if let Some(Exact::Object(schema)) = changes.get_mut("inputSchema") {
        if schema.get("properties").is_some_and(|it| it.members().is_some()) {
            schema.remove("properties");
        }
        if schema.is_empty() {
            changes.remove("inputSchema");
        }
    }
    (!changes.is_empty()).then_some(Exact::Object(changes))
}

fn properties(schema: &Exact) -> Option<&BTreeMap<String, Exact>> {
    schema.get("properties")?.members()
}

fn requires(schema: Option<&Exact>, name: &str) -> bool {
    schema.and_then(|schema| schema.get("required")).is_some_and(|required| required.lists(name))
}

/// The names of the keywords that an argument has no more.
fn lost<'a>(schema: &Exact, before: Option<&'a Exact>) -> Vec<&'a str> {
    let known = before.and_then(Exact::members).into_iter().flatten();
    known.map(|(name, _)| name.as_str()).filter(|name| schema.get(name).is_none()).collect()
}

/// A comment with what a schema says and the line before it does not; empty where that says all.
fn unsaid(comment: &str, schema: &Exact, said: &Value) -> String {
    match schema.beyond(said) {
        Some(left) => format!("{comment} the schema also says {}", left.in_comment()),
        None => String::new(),
    }
}

/// A comment about what there is no more; empty where all is there.
fn without(comment: &str, names: &[&str]) -> String {
    match names {
        [] => String::new(),
        names => format!("{comment} without {}", names.join(", ")),
    }
}
