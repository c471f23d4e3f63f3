//! What to write in the source of a server to put its findings right: for each tool what is to
//! change, and the lines in the words of an SDK.
//!
//! The lines come from the tool as it would be after the fixes, part by part; which rule wanted them
//! does not matter here. They are a start: types of the host language are told from the schema, and
//! everything that is not to change is left out.

mod python;
mod rust;
#[cfg(test)]
mod tests;
mod typescript;

use std::fmt::Write;

use serde_json::{Map, Value};

use super::{counted, escape::for_terminal, text::BOLD};
use crate::engine::{
    finding::{Applicability, Finding, Fix},
    protocol::json::{
        Document, Limits,
        edit::{Splice, apply},
    },
    rule::repair::Offers,
    surface::{Surface, Tool},
};

/// Most tools whose lines are shown.
const MAX_TOOLS: usize = 50;
/// Most fixes and most arguments that are shown of one tool.
const MAX_PARTS: usize = 20;
/// Longest text in a line, in characters; what is longer is to be edited where it stands.
const MAX_TEXT: usize = 160;

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

    fn lines(self, part: &Part<'_>) -> Vec<String> {
        match self {
            Self::Rust => rust::lines(part),
            Self::Python => python::lines(part),
            Self::TypeScript => typescript::lines(part),
        }
    }
}

/// Something that changes about a tool.
enum Part<'a> {
    /// Members of the tool itself, with their new values.
    Head { tool: &'a str, members: Vec<(&'a str, &'a Value)> },
    /// One argument.
    Argument {
        name: &'a str,
        schema: &'a Value,
        is_required: bool,
        /// What the schema was before; none where the argument is new.
        before: Option<&'a Value>,
    },
}

/// The list as text with ANSI styles, newline included. For one SDK, or for all of them.
pub fn render(
    surface: &Surface,
    open: &[Finding],
    up_to: Applicability,
    sdk: Option<Sdk>,
) -> String {
    let offers = Offers::new(surface);
    let mut tools: Vec<Patched<'_>> = Vec::new();
    let mut others: Vec<String> = Vec::new();
    let mut is_cut = false;
    for finding in open {
        for place in &finding.places {
            let Some((fix, splices)) = offers.fix_with_splices(finding, place) else { continue };
            if fix.applicability > up_to {
                continue;
            }
            let line = titled(finding.rule, &fix);
            let Some(tool) = surface.tool_at(&place.pointer) else {
                others.push(line);
                continue;
            };
            let known = tools.iter().position(|it| it.tool.pointer == tool.pointer);
            if known.is_none() && tools.len() == MAX_TOOLS {
                is_cut = true;
                continue;
            }
            let index = known.unwrap_or_else(|| {
                tools.push(Patched { tool, fixes: Vec::new(), splices: Vec::new() });
                tools.len() - 1
            });
            tools[index].add(line, splices);
        }
    }
    if tools.is_empty() && others.is_empty() {
        return "\nnothing that a rule knows how to put right\n".to_owned();
    }
    let sdks = sdk.map_or(Sdk::ALL.to_vec(), |sdk| vec![sdk]);
    let mut text = format!("\n{BOLD}what to write{BOLD:#}\n");
    if !others.is_empty() {
        let _ = write!(text, "\n{BOLD}server{BOLD:#}\n");
        for line in others.iter().take(MAX_PARTS) {
            let _ = writeln!(text, "  {}", for_terminal(line));
        }
    }
    for patched in &tools {
        let _ = write!(text, "\n{BOLD}{}{BOLD:#}\n", for_terminal(&shortened(&patched.tool.name)));
        patched.write(&sdks, &mut text);
    }
    if is_cut {
        let _ = write!(text, "\nonly the first {} are shown\n", counted(MAX_TOOLS, "tool"));
    }
    text
}

fn titled(rule: &str, fix: &Fix) -> String {
    let mark = if fix.applicability == Applicability::Unsafe { " (unsafe)" } else { "" };
    format!("{rule}: {}{mark}", fix.title)
}

/// A tool and what is done about it.
struct Patched<'a> {
    tool: &'a Tool,
    fixes: Vec<String>,
    splices: Vec<Splice>,
}

impl Patched<'_> {
    /// Adds a fix; of two that want the same bytes only the first is carried out.
    fn add(&mut self, line: String, splices: Vec<Splice>) {
        if !self.fixes.contains(&line) {
            self.fixes.push(line);
        }
        let meets = |new: &Splice| {
            self.splices
                .iter()
                .any(|old| old.span.start <= new.span.end && new.span.start <= old.span.end)
        };
        if !splices.iter().any(meets) {
            self.splices.extend(splices);
        }
    }

    /// The tool after its fixes; none where they do not go together.
    fn after(&self) -> Option<Value> {
        let view = self.tool.view();
        let start = view.span().start;
        let mut splices = self.splices.clone();
        for splice in &mut splices {
            let from = splice.span.start.checked_sub(start)?;
            splice.span = from..splice.span.end - start;
        }
        let text = apply(view.text(), &splices);
        let document = Document::read(text.as_bytes(), &Limits::default()).ok()?;
        Some(document.root().to_value())
    }

    fn write(&self, sdks: &[Sdk], text: &mut String) {
        for fix in self.fixes.iter().take(MAX_PARTS) {
            let _ = writeln!(text, "  {}", for_terminal(fix));
        }
        if self.fixes.len() > MAX_PARTS {
            let _ = writeln!(text, "  and {} more", self.fixes.len() - MAX_PARTS);
        }
        let Some(after) = self.after() else { return };
        let before = self.tool.value();
        let parts = parts(before, &after, &self.tool.name);
        for sdk in sdks {
            let lines: Vec<String> =
                parts.iter().take(MAX_PARTS).flat_map(|part| sdk.lines(part)).collect();
            if lines.is_empty() {
                continue;
            }
            if sdks.len() > 1 {
                let _ = writeln!(text, "    {}:", sdk.as_str());
            }
            for line in lines {
                let _ = writeln!(text, "      {}", for_terminal(&line));
            }
        }
    }
}

/// What is different about a tool, in the order in which it is written.
fn parts<'a>(before: &'a Value, after: &'a Value, name: &'a str) -> Vec<Part<'a>> {
    let mut parts = Vec::new();
    let members: Vec<(&str, &Value)> = ["name", "title", "description", "annotations"]
        .into_iter()
        .filter(|member| before.get(member) != after.get(member))
        .map(|member| (member, after.get(member).unwrap_or(&Value::Null)))
        .collect();
    if !members.is_empty() {
        parts.push(Part::Head { tool: name, members });
    }
    let [known, new] = [before, after].map(|tool| tool.pointer("/inputSchema"));
    let [known_arguments, arguments] = [known, new].map(|schema| schema.and_then(properties));
    for (name, schema) in arguments.into_iter().flatten() {
        let before = known_arguments.and_then(|known| known.get(name));
        let is_required = requires(new, name);
        if before != Some(schema) || requires(known, name) != is_required {
            parts.push(Part::Argument { name, schema, is_required, before });
        }
    }
    parts
}

fn properties(schema: &Value) -> Option<&Map<String, Value>> {
    schema.get("properties")?.as_object()
}

fn requires(schema: Option<&Value>, name: &str) -> bool {
    let required = schema.and_then(|schema| schema.get("required")?.as_array());
    required.is_some_and(|required| required.iter().any(|it| it == name))
}

/// The names of the keywords that an argument has no more.
fn lost<'a>(schema: &Value, before: Option<&'a Value>) -> Vec<&'a str> {
    let known = before.and_then(Value::as_object).into_iter().flatten();
    known.map(|(name, _)| name.as_str()).filter(|name| schema.get(name).is_none()).collect()
}

/// A value as JSON, which Python and TypeScript read as well, cut where it is long.
fn json(value: &Value) -> String {
    match value {
        Value::String(text) => Value::from(shortened(text)).to_string(),
        other => {
            let text = other.to_string();
            if text.chars().count() <= MAX_TEXT { text } else { "…".to_owned() }
        }
    }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= MAX_TEXT {
        return text.to_owned();
    }
    format!("{}…", text.chars().take(MAX_TEXT).collect::<String>())
}
