//! The reference page as GitHub-flavoured Markdown, for a repository or a wiki.

use std::fmt::Write;

use super::{
    Flow, Head, PromptPage, Reference, ResourcePage, Span, ToolPage,
    table::{NamedType, Row, Shape, Table},
};
use crate::engine::{
    report::escape::{for_json, for_markdown, for_markdown_code},
    surface::Surface,
};

/// The whole page.
pub fn render(surface: &Surface) -> String {
    let reference = Reference::of(surface);
    let mut page = Page { text: String::new() };
    page.reference(&reference);
    page.text
}

struct Page {
    text: String,
}

impl Page {
    /// A block of its own: what comes before is closed by an empty line.
    fn block(&mut self, block: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(block.trim_end_matches('\n'));
        self.text.push('\n');
    }

    fn heading(&mut self, level: usize, text: &str) {
        self.block(&format!("{} {text}", "#".repeat(level)));
    }

    fn reference(&mut self, reference: &Reference<'_>) {
        self.heading(1, &line(reference.title));
        self.facts(&reference.facts);
        if let Some(instructions) = &reference.instructions {
            self.heading(2, "Instructions");
            self.block(&paragraphs(instructions));
        }
        if !reference.tools.is_empty() {
            self.heading(2, "Tools");
            self.index(&reference.tools);
            for tool in &reference.tools {
                self.tool(tool);
            }
        }
        if !reference.prompts.is_empty() {
            self.heading(2, "Prompts");
            for prompt in &reference.prompts {
                self.prompt(prompt);
            }
        }
        for (title, resources) in [
            ("Resources", &reference.resources),
            ("Resource templates", &reference.resource_templates),
        ] {
            if !resources.is_empty() {
                self.heading(2, title);
            }
            for resource in resources {
                self.resource(resource);
            }
        }
        if let Some(sentence) = reference.left_out() {
            self.block(&sentence);
        }
    }

    fn facts(&mut self, facts: &[(&'static str, Vec<Span>)]) {
        let facts = facts.iter().map(|(label, value)| format!("- **{label}:** {}\n", spans(value)));
        self.block(&facts.collect::<String>());
    }

    fn index(&mut self, tools: &[ToolPage]) {
        let mut table = String::from("| Tool | Summary | Effect |\n| --- | --- | --- |\n");
        for tool in tools {
            let head = &tool.head;
            let mark = if head.deprecation.is_some() { "**deprecated** " } else { "" };
            let (name, summary) = (for_markdown_code(&head.name), line(&head.summary));
            let anchor = &head.anchor;
            let _ = writeln!(
                table,
                "| [{name}](#{anchor}) | {mark}{summary} | {} |",
                badges(tool, ", ")
            );
        }
        self.block(&table);
    }

    fn head(&mut self, head: &Head) {
        // The anchor of our own: what a heading's own would be depends on the whole page.
        self.block(&format!("<a id=\"{}\"></a>", head.anchor));
        self.heading(3, &for_markdown_code(&head.name));
        if let Some(title) = &head.title {
            self.block(&format!("**{}**", line(title)));
        }
        if let Some(deprecation) = &head.deprecation {
            self.block(&format!("> **Warning:** {}", spans(deprecation)));
        }
        match &head.description {
            Some(description) => self.block(&paragraphs(description)),
            None => self.block("*No description.*"),
        }
    }

    fn tool(&mut self, tool: &ToolPage) {
        self.head(&tool.head);
        let mut facts = format!("- **Effect:** {}\n", badges(tool, ", "));
        if !tool.undeclared.is_empty() {
            let _ = writeln!(facts, "- **Not declared:** {}", tool.undeclared.join("; "));
        }
        let _ = writeln!(facts, "- **Cost:** {}", super::cost(tool.tokens));
        self.block(&facts);
        self.heading(4, "Arguments");
        match &tool.arguments {
            Some(shape) => self.shape(shape, Flow::Arguments),
            None => self.block("Not declared: there is no input schema."),
        }
        self.heading(4, "Example");
        match &tool.example {
            Some(example) => {
                self.block(&fenced(&example.json));
                if !example.guessed.is_empty() {
                    let paths: Vec<_> =
                        example.guessed.iter().map(|path| for_markdown_code(path)).collect();
                    self.block(&format!("{} {}.", super::GUESSED, paths.join(", ")));
                }
            }
            None => self.block(super::NO_EXAMPLE),
        }
        self.heading(4, "Result");
        match &tool.output {
            Some(shape) => self.shape(shape, Flow::Result),
            None => self.block(super::NO_OUTPUT),
        }
        self.heading(4, "Errors");
        if tool.errors.is_empty() {
            self.block(super::NO_ERRORS);
            return;
        }
        let mut table = String::from("| Code | When | What to do |\n| --- | --- | --- |\n");
        for error in &tool.errors {
            let (code, when) = (for_markdown_code(&error.code), cell(error.when.as_deref()));
            let _ = writeln!(table, "| {code} | {when} | {} |", cell(error.next.as_deref()));
        }
        self.block(&table);
    }

    fn shape(&mut self, shape: &Shape, flow: Flow) {
        if let Some(description) = &shape.description {
            self.block(&paragraphs(description));
        }
        self.notes(&shape.notes);
        if shape.table.rows.is_empty() && shape.table.hidden == 0 {
            self.block(flow.empty());
        } else {
            self.table(&shape.table, flow.noun(), flow);
        }
        if !shape.types.is_empty() {
            self.block("**Types**");
        }
        for named in &shape.types {
            self.named_type(named, flow);
        }
        if shape.hidden_types > 0 {
            self.block(&super::hidden(shape.hidden_types, "type"));
        }
    }

    fn notes(&mut self, notes: &[Vec<Span>]) {
        if !notes.is_empty() {
            let notes = notes.iter().map(|note| format!("- {}\n", spans(note)));
            self.block(&notes.collect::<String>());
        }
    }

    fn named_type(&mut self, named: &NamedType, flow: Flow) {
        let (name, anchor) = (for_markdown_code(&named.name), &named.anchor);
        self.block(&format!("<a id=\"{anchor}\"></a>{name}: {}", spans(&named.kind)));
        if let Some(description) = &named.description {
            self.block(&paragraphs(description));
        }
        self.notes(&named.notes);
        if !named.table.rows.is_empty() {
            self.table(&named.table, "Member", flow);
        }
    }

    fn table(&mut self, table: &Table, noun: &str, flow: Flow) {
        let any = |is_used: fn(&Row) -> bool| table.rows.iter().any(is_used);
        let has_default = any(|row| row.default.is_some());
        let has_constraints = any(|row| !row.constraints.is_empty());
        let mut columns = vec![noun, "Type", "Presence"];
        columns.extend(has_default.then_some("Default"));
        columns.extend(has_constraints.then_some("Constraints"));
        columns.push("Description");
        let mut text =
            format!("| {} |\n|{}\n", columns.join(" | "), " --- |".repeat(columns.len()));
        for row in &table.rows {
            let presence = row.is_required.map(|is_required| flow.presence(is_required));
            let presence = presence.unwrap_or_default().to_owned();
            let mut cells = vec![path(row), spans(&row.kind), presence];
            if has_default {
                cells.push(row.default.as_deref().map(for_markdown_code).unwrap_or_default());
            }
            if has_constraints {
                let constraints: Vec<_> = row.constraints.iter().map(|one| spans(one)).collect();
                cells.push(constraints.join("; "));
            }
            cells.push(cell(row.description.as_deref()));
            let _ = writeln!(text, "| {} |", cells.join(" | "));
        }
        self.block(&text);
        if table.hidden > 0 {
            self.block(&super::hidden(table.hidden, "row"));
        }
    }

    fn prompt(&mut self, prompt: &PromptPage) {
        self.head(&prompt.head);
        if prompt.arguments.is_empty() {
            self.block("Takes no arguments.");
            return;
        }
        let mut table =
            String::from("| Argument | Presence | Description |\n| --- | --- | --- |\n");
        for argument in &prompt.arguments {
            let presence = Flow::Arguments.presence(argument.is_required);
            let (name, description) =
                (for_markdown_code(&argument.name), cell(argument.description.as_deref()));
            let _ = writeln!(table, "| {name} | {presence} | {description} |");
        }
        self.block(&table);
        if prompt.hidden_arguments > 0 {
            self.block(&super::hidden(prompt.hidden_arguments, "row"));
        }
    }

    fn resource(&mut self, resource: &ResourcePage) {
        self.head(&resource.head);
        self.facts(&resource.facts);
    }
}

fn path(row: &Row) -> String {
    let mut text = for_markdown_code(&row.path);
    if let Some((index, count)) = row.option {
        let _ = write!(text, " option {index} of {count}");
    }
    if row.is_deprecated {
        text.push_str(" **deprecated**");
    }
    text
}

fn badges(tool: &ToolPage, separator: &str) -> String {
    let labels: Vec<_> = tool.badges.iter().map(|badge| badge.label).collect();
    labels.join(separator)
}

fn spans(spans: &[Span]) -> String {
    let spans = spans.iter().map(|span| match span {
        Span::Words(words) => line(words),
        // A code span would lose the spaces around it.
        Span::Code(code) => {
            let inner = code.trim();
            let start = &code[..code.len() - code.trim_start().len()];
            let end = &code[code.trim_end().len()..];
            format!("{start}{}{end}", for_markdown_code(inner))
        }
        Span::Link { text, anchor } => format!("[{}](#{anchor})", for_markdown_code(text)),
    });
    spans.collect()
}

/// Text on one line.
fn line(text: &str) -> String {
    let words: Vec<_> = text.split(['\n', '\r', '\t']).collect();
    for_markdown(&words.join(" "))
}

/// Text for a table cell; its lines stay apart.
fn cell(text: Option<&str>) -> String {
    let lines = text.unwrap_or_default().lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(line).collect::<Vec<_>>().join("<br>")
}

/// Text as paragraphs: line breaks and indentation stay, everything else is just text.
fn paragraphs(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for source in text.lines() {
        let content = source.trim();
        let indent = source.len() - source.trim_start().len();
        if content.is_empty() {
            if lines.last().is_some_and(|last| !last.is_empty()) {
                lines.push(String::new());
            }
            continue;
        }
        if let Some(last) = lines.last_mut().filter(|last| !last.is_empty()) {
            last.push('\\');
        }
        lines.push(format!("{}{}", "&nbsp;".repeat(indent.min(16)), line(content)));
    }
    lines.join("\n")
}

/// JSON as a code block, fenced by more backticks than it has anywhere.
fn fenced(json: &str) -> String {
    let mut longest = 0;
    let mut current = 0;
    for character in json.chars() {
        current = if character == '`' { current + 1 } else { 0 };
        longest = longest.max(current);
    }
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}json\n{}\n{fence}", for_json(json))
}
