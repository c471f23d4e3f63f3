//! The page of a rule in Markdown: `docs/rules`, and `mcp-kit explain --format markdown`.
//!
//! Everything on it is said by the rule itself; what stands here is how to fix and how to allow.

use std::fmt::Write;

use super::escape::for_markdown_message;
use crate::engine::rule::{self, Check, Rule, repair::Repair};

/// The page, newline included.
pub fn render(rule: &Rule) -> String {
    let documentation = rule.documentation.trim();
    let (body, references) = match documentation.find("\n## References\n") {
        Some(start) => documentation.split_at(start),
        None => (documentation, ""),
    };
    let fixes = rule.repair().map(Repair::described).unwrap_or_default();
    let fixes: String = fixes.iter().map(|fix| format!("- {fix}\n")).collect();
    let fixes = if fixes.is_empty() { fixes } else { format!("\n{fixes}") };
    format!(
        "# {}\n\n{}\n\n{}\n\n## How to fix\n\n{}.\n{fixes}\n## How to allow\n\n{}{}\n",
        rule.id,
        standing(rule),
        body.trim(),
        sentence(rule.help),
        how_to_allow(rule),
        references.trim_end()
    )
}

/// How bad what the rule finds is, and when it is in force.
fn standing(rule: &Rule) -> String {
    let Rule { severity, profile, .. } = *rule;
    match (rule.check, profile.as_str()) {
        (Check::Trial(trial), _) => {
            let needed = trial.presupposes.iter().map(|id| {
                let name = id.split('/').next_back().unwrap_or(id);
                format!("[`{id}`]({name}.md)")
            });
            let needed = match trial.presupposes {
                [] => String::new(),
                _ => format!(" Presupposes {}.", needed.collect::<Vec<_>>().join(", ")),
            };
            format!(
                "A question of `mcp-kit replay`: severity {severity} where the server fails it, warning \
                 where that could not be found out.{needed}"
            )
        }
        (_, "target") => {
            format!("Severity {severity}, in force where `--target` names the client.")
        }
        (_, profile) => format!("Severity {severity}, profile {profile}."),
    }
}

/// The list of all rules, group by group, with a link to the page of each.
pub fn index() -> String {
    let mut text = String::from(
        "# Rules\n\nEvery rule of `mcp-kit lint`, `mcp-kit diff` and `mcp-kit replay`. Written by the \
         program from the rules themselves; `mcp-kit explain RULE` shows the same pages offline.\n",
    );
    let mut group = "";
    for rule in rule::all() {
        if rule.group() != group {
            group = rule.group();
            let _ = write!(
                text,
                "\n## {group}\n\n| rule | severity | profile | what is wrong |\n|---|---|---|---|\n"
            );
        }
        let (id, profile) = (rule.id, rule.profile.as_str());
        let summary = for_markdown_message(rule.summary());
        let _ = writeln!(text, "| [`{id}`]({id}.md) | {} | {profile} | {summary} |", rule.severity);
    }
    text
}

/// The entry of `mcp-kit.toml` with which a project lives with what the rule finds. A break is
/// allowed until a day, everything else for as long as the reason holds. None for the rules about
/// these entries.
pub fn allow_entry(rule: &Rule) -> Option<String> {
    if rule.group() == "allow" {
        return None;
    }
    let mut text = format!("[[allow]]\nrule = \"{}\"\n", rule.id);
    text.push_str("# tool = \"find_orders\"    # only for this tool\n");
    text.push_str("reason = \"say here why this is lived with\"\n");
    if rule.group() == "breaking" {
        text.push_str("until = 2027-01-31        # the last day on which the entry counts\n");
    }
    Some(text)
}

fn how_to_allow(rule: &Rule) -> String {
    let Some(entry) = allow_entry(rule) else {
        return "The rule is about the list of what is allowed, and an entry of that list does not \
                silence it: renew the entry or take it out.\n"
            .to_owned();
    };
    let command = match rule.group() {
        "breaking" => String::new(),
        "replay" => format!(
            "\nOr leave the rule out, for everything: under `[severity]` of the same file `\"{}\" = \"off\"`.\n",
            rule.id
        ),
        _ => format!(
            "\nOr leave the rule out, for everything: `mcp-kit lint --ignore {}`, or under \
             `[severity]` of the same file `\"{}\" = \"off\"`.\n",
            rule.id, rule.id
        ),
    };
    format!(
        "In [`mcp-kit.toml`](../../formats.md#mcp-kittoml); the finding stays in every report as \
         allowed, with the reason.\n\n```toml\n{entry}```\n{command}"
    )
}

/// A fragment as the beginning of a sentence.
fn sentence(fragment: &str) -> String {
    let mut characters = fragment.chars();
    match characters.next() {
        // A quoted name keeps its case.
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}
