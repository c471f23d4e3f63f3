//! The reference page as one HTML file that needs nothing else: no scripts, no network.

use std::fmt::Write;

use super::{
    Flow, Head, PromptPage, Reference, ResourcePage, Span, ToolPage,
    declared::{self, Badge, Tone},
    table::{NamedType, Row, Shape, Table},
};
use crate::engine::{
    report::{
        escape::{for_html, for_json},
        page::{Page, code, link, name_code, one_line, prose},
    },
    surface::{Annotations, Surface},
};

const STYLE: &str = include_str!("style.css");

/// The whole page.
pub fn render(surface: &Surface) -> String {
    let reference = Reference::of(surface);
    let title = one_line(reference.title);
    let mut sheet = Sheet { page: Page::open(&title, STYLE) };
    sheet.document(&reference);
    sheet.page.close()
}

struct Sheet {
    page: Page,
}

impl Sheet {
    fn add(&mut self, html: &str) {
        self.page.add(html);
    }

    fn document(&mut self, reference: &Reference<'_>) {
        let title = for_html(&one_line(reference.title));
        self.navigation(reference);
        self.add(&format!(
            "<main id=\"content\" tabindex=\"-1\">\n<header>\n<h1 dir=\"auto\">{title}</h1>"
        ));
        self.facts(&reference.facts);
        self.add("</header>");
        if let Some(instructions) = &reference.instructions {
            self.add("<section id=\"instructions\">\n<h2>Instructions</h2>");
            self.prose(instructions);
            self.add("</section>");
        }
        if !reference.tools.is_empty() {
            self.add("<section id=\"tools\">\n<h2>Tools</h2>");
            self.index(&reference.tools);
            for tool in &reference.tools {
                self.tool(tool);
            }
            self.add("</section>");
        }
        if !reference.prompts.is_empty() {
            self.add("<section id=\"prompts\">\n<h2>Prompts</h2>");
            for prompt in &reference.prompts {
                self.prompt(prompt);
            }
            self.add("</section>");
        }
        for (id, title, resources) in [
            ("resources", "Resources", &reference.resources),
            ("templates", "Resource templates", &reference.resource_templates),
        ] {
            if resources.is_empty() {
                continue;
            }
            self.add(&format!("<section id=\"{id}\">\n<h2>{title}</h2>"));
            for resource in resources {
                self.resource(resource);
            }
            self.add("</section>");
        }
        if let Some(sentence) = reference.left_out() {
            self.add(&format!("<p>{sentence}</p>"));
        }
    }

    fn navigation(&mut self, reference: &Reference<'_>) {
        self.add("<nav aria-label=\"Index\">");
        if reference.instructions.is_some() {
            self.add("<p><a href=\"#instructions\">Instructions</a></p>");
        }
        let tools = reference.tools.iter().map(|tool| &tool.head).collect();
        let prompts = reference.prompts.iter().map(|prompt| &prompt.head).collect();
        let resources = reference.resources.iter().map(|resource| &resource.head).collect();
        let templates = reference.resource_templates.iter().map(|template| &template.head);
        let groups: [(&str, &str, Vec<&Head>); 4] = [
            ("tools", "Tools", tools),
            ("prompts", "Prompts", prompts),
            ("resources", "Resources", resources),
            ("templates", "Resource templates", templates.collect()),
        ];
        for (id, title, heads) in groups {
            if heads.is_empty() {
                continue;
            }
            self.add(&format!("<p><a href=\"#{id}\">{title}</a></p>\n<ul>"));
            for head in heads {
                let class = if head.deprecation.is_some() { " class=\"old\"" } else { "" };
                self.add(&format!("<li{class}>{}</li>", link(&head.name, &head.anchor)));
            }
            self.add("</ul>");
        }
        self.add("</nav>");
    }

    fn facts(&mut self, facts: &[(&'static str, Vec<Span>)]) {
        self.add("<dl class=\"facts\">");
        for (label, value) in facts {
            self.add(&format!("<div><dt>{label}</dt><dd>{}</dd></div>", spans(value)));
        }
        self.add("</dl>");
    }

    fn index(&mut self, tools: &[ToolPage]) {
        self.page.open_table("Index of tools", "index", &["Tool", "Summary", "Effect"]);
        for tool in tools {
            let head = &tool.head;
            let mark = if head.deprecation.is_some() { OLD } else { "" };
            let summary = format!("{mark}<span dir=\"auto\">{}</span>", for_html(&head.summary));
            self.page.table_row(&link(&head.name, &head.anchor), &[summary, badges(&tool.badges)]);
        }
        self.page.close_table();
    }

    fn open_article(&mut self, head: &Head) {
        let (name, anchor) = (link(&head.name, &head.anchor), &head.anchor);
        self.add(&format!(
            "<article id=\"{anchor}\" aria-labelledby=\"{anchor}.name\">\n\
             <h3 id=\"{anchor}.name\">{name}</h3>"
        ));
        if let Some(title) = &head.title {
            self.add(&format!(
                "<p class=\"title\" dir=\"auto\">{}</p>",
                for_html(&one_line(title))
            ));
        }
    }

    /// What stands under the name and the badges of everything.
    fn description(&mut self, head: &Head) {
        if let Some(deprecation) = &head.deprecation {
            self.add(&format!("<p class=\"warning\">{}</p>", spans(deprecation)));
        }
        match &head.description {
            Some(description) => self.prose(description),
            None => self.add("<p class=\"quiet\">No description.</p>"),
        }
    }

    fn prose(&mut self, text: &str) {
        self.add(&prose(text));
    }

    fn tool(&mut self, tool: &ToolPage) {
        self.open_article(&tool.head);
        self.add(&format!("<p class=\"badges\">{}</p>", badges(&tool.badges)));
        self.description(&tool.head);
        if !tool.undeclared.is_empty() {
            let undeclared = tool.undeclared.join("; ");
            self.add(&format!("<p class=\"quiet\">Not declared: {undeclared}.</p>"));
        }
        self.add("<h4>Arguments</h4>");
        let name = &tool.head.name;
        match &tool.arguments {
            Some(shape) => self.shape(shape, name, Flow::Arguments),
            None => self.quiet("Not declared: there is no input schema."),
        }
        self.add("<h4>Example</h4>");
        match &tool.example {
            Some(example) => {
                let json = for_html(&for_json(&example.json));
                self.add(&format!("<pre tabindex=\"0\"><code>{json}</code></pre>"));
                if !example.guessed.is_empty() {
                    let paths: Vec<_> = example.guessed.iter().map(|path| code(path)).collect();
                    let paths = paths.join(", ");
                    self.add(&format!("<p class=\"quiet\">{} {paths}.</p>", super::GUESSED));
                }
            }
            None => self.quiet(super::NO_EXAMPLE),
        }
        self.add("<h4>Result</h4>");
        match &tool.output {
            Some(shape) => self.shape(shape, name, Flow::Result),
            None => self.quiet(super::NO_OUTPUT),
        }
        self.add("<h4>Errors</h4>");
        self.errors(tool);
        self.add(&format!("<p class=\"quiet\">Cost: {}.</p>", super::cost(tool.tokens)));
        self.add("</article>");
    }

    fn errors(&mut self, tool: &ToolPage) {
        if tool.errors.is_empty() {
            self.quiet(super::NO_ERRORS);
            return;
        }
        let label = format!("Errors of {}", tool.head.name);
        self.page.open_table(&label, "errors", &["Code", "When", "What to do"]);
        for error in &tool.errors {
            let (when, next) = (optional_prose(&error.when), optional_prose(&error.next));
            self.page.table_row(&code(&error.code), &[when, next]);
        }
        self.page.close_table();
    }

    fn quiet(&mut self, sentence: &str) {
        self.add(&format!("<p class=\"quiet\">{sentence}</p>"));
    }

    fn shape(&mut self, shape: &Shape, tool: &str, flow: Flow) {
        if let Some(description) = &shape.description {
            self.prose(description);
        }
        self.notes(&shape.notes);
        if shape.table.rows.is_empty() && shape.table.hidden == 0 {
            self.quiet(flow.empty());
        } else {
            let noun = flow.noun();
            self.table(&shape.table, &format!("{noun}s of {tool}"), noun, flow);
        }
        if !shape.types.is_empty() {
            self.add("<h5>Types</h5>");
        }
        for named in &shape.types {
            self.named_type(named, flow);
        }
        if shape.hidden_types > 0 {
            self.quiet(&super::hidden(shape.hidden_types, "type"));
        }
    }

    fn notes(&mut self, notes: &[Vec<Span>]) {
        if notes.is_empty() {
            return;
        }
        self.add("<ul class=\"notes\">");
        for note in notes {
            self.add(&format!("<li>{}</li>", spans(note)));
        }
        self.add("</ul>");
    }

    fn named_type(&mut self, named: &NamedType, flow: Flow) {
        self.add(&format!(
            "<p class=\"type\" id=\"{}\">{} <span class=\"kind\">{}</span></p>",
            named.anchor,
            code(&named.name),
            spans(&named.kind)
        ));
        if let Some(description) = &named.description {
            self.prose(description);
        }
        self.notes(&named.notes);
        if !named.table.rows.is_empty() {
            self.table(&named.table, &format!("Members of {}", named.name), "Member", flow);
        }
    }

    fn table(&mut self, table: &Table, label: &str, noun: &str, flow: Flow) {
        self.page.open_table(label, "members", &[noun, "Type", "Description"]);
        for row in &table.rows {
            self.row(row, flow);
        }
        self.page.close_table();
        if table.hidden > 0 {
            self.quiet(&super::hidden(table.hidden, "row"));
        }
    }

    fn row(&mut self, row: &Row, flow: Flow) {
        let mut name = name_code(&row.path);
        if let Some((index, count)) = row.option {
            let _ = write!(name, "<small>option {index} of {count}</small>");
        }
        if let Some(is_required) = row.is_required {
            name.push_str(&presence(flow, is_required));
        }
        if row.is_deprecated {
            name.push_str(OLD);
        }
        let mut kind = format!("<span class=\"kind\">{}</span>", spans(&row.kind));
        for constraint in &row.constraints {
            let _ = write!(kind, "<small>{}</small>", spans(constraint));
        }
        if let Some(default) = &row.default {
            let _ = write!(kind, "<small>default {}</small>", code(default));
        }
        self.page.table_row(&name, &[kind, optional_prose(&row.description)]);
    }

    fn prompt(&mut self, prompt: &PromptPage) {
        self.open_article(&prompt.head);
        self.description(&prompt.head);
        if prompt.arguments.is_empty() {
            self.quiet("Takes no arguments.");
        } else {
            let label = format!("Arguments of {}", prompt.head.name);
            self.page.open_table(&label, "arguments", &["Argument", "Description"]);
            for argument in &prompt.arguments {
                let presence = presence(Flow::Arguments, argument.is_required);
                let name = format!("{}{presence}", code(&argument.name));
                self.page.table_row(&name, &[optional_prose(&argument.description)]);
            }
            self.page.close_table();
        }
        if prompt.hidden_arguments > 0 {
            self.quiet(&super::hidden(prompt.hidden_arguments, "row"));
        }
        self.add("</article>");
    }

    fn resource(&mut self, resource: &ResourcePage) {
        self.open_article(&resource.head);
        self.description(&resource.head);
        self.facts(&resource.facts);
        self.add("</article>");
    }
}

const OLD: &str = "<small class=\"badge danger\">deprecated</small> ";

/// What the annotations of a tool declare, as markup.
pub(in crate::engine::report) fn effects(annotations: &Annotations) -> String {
    badges(&declared::badges(annotations))
}

fn badges(badges: &[Badge]) -> String {
    let badges = badges.iter().map(|badge| {
        let tone = match badge.tone {
            Tone::Calm => "calm",
            Tone::Careful => "careful",
            Tone::Danger => "danger",
            Tone::Neutral => "neutral",
        };
        format!("<span class=\"badge {tone}\">{}</span>", badge.label)
    });
    badges.collect::<Vec<_>>().join(" ")
}

fn spans(spans: &[Span]) -> String {
    let spans = spans.iter().map(|span| match span {
        Span::Words(words) => for_html(&one_line(words)),
        Span::Code(text) => code(text),
        Span::Link { text, anchor } => link(text, anchor),
    });
    spans.collect()
}

fn optional_prose(text: &Option<String>) -> String {
    text.as_deref().map(prose).unwrap_or_default()
}

fn presence(flow: Flow, is_required: bool) -> String {
    let is_demanded = is_required && matches!(flow, Flow::Arguments);
    let class = if is_demanded { " class=\"required\"" } else { "" };
    format!("<small{class}>{}</small>", flow.presence(is_required))
}
