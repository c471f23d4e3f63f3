//! `mcp-kit explain`: the page of a rule, offline.

use std::fmt::Write;

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::{ExitStatus, error::CliError, terminal::Terminal};
use crate::engine::{
    finding::Severity,
    report::rule_page,
    rule::{self, Check, Rule, repair::Repair, replay::Trial},
};

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// The rule, for example schema/root-not-object, or a group for its list
    #[arg(value_name = "RULE", required_unless_present = "list")]
    rule: Option<String>,
    /// List every rule in one line
    #[arg(long, conflicts_with = "rule")]
    list: bool,
    /// The format of the answer
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    Markdown,
}

pub(super) fn run(arguments: &ExplainArgs, terminal: &Terminal) -> Result<ExitStatus, CliError> {
    let rules: Vec<&'static Rule> = match &arguments.rule {
        None => rule::all().collect(),
        Some(name) => {
            let of_group = || rule::all().filter(|rule| rule.group() == name).collect::<Vec<_>>();
            rule::find(name).map_or_else(of_group, |rule| vec![rule])
        }
    };
    match (rules.as_slice(), arguments.format) {
        ([], _) => return Err(unknown(arguments.rule.as_deref().unwrap_or_default())),
        ([rule], Format::Text) => terminal.print(&page(rule, terminal.width()))?,
        ([rule], Format::Markdown) => {
            terminal.print(&rule_page::render(rule))?;
        }
        ([rule], Format::Json) => terminal.print_json(&Described::from(*rule))?,
        (rules, Format::Text) => terminal.print(&list(rules))?,
        (_, Format::Markdown) if arguments.rule.is_none() => terminal.print(&rule_page::index())?,
        (rules, Format::Markdown) => terminal.print(&markdown_list(rules))?,
        (rules, Format::Json) => {
            let described: Vec<_> = rules.iter().map(|rule| Described::from(*rule)).collect();
            terminal.print_json(&described)?;
        }
    }
    Ok(ExitStatus::Clean)
}

/// An error for a rule or group that does not exist, naming what comes near.
pub(super) fn unknown(name: &str) -> CliError {
    let help = match rule::nearest_rule_or_group(name) {
        Some(near) => format!("did you mean `{near}`? `mcp-kit explain --list` shows them all"),
        None => "`mcp-kit explain --list` shows them all".to_owned(),
    };
    CliError::usage(format!("there is no rule or group `{name}`")).help(help)
}

fn page(rule: &Rule, width: usize) -> String {
    let bold = anstyle::Style::new().bold();
    let standing = match rule.check {
        Check::Trial(_) => format!("{}, asked by mcp-kit replay", rule.severity),
        _ => format!("{}, profile {}", rule.severity, rule.profile.as_str()),
    };
    let mut text = format!("{bold}{}{bold:#}  ({standing})\n\n", rule.id);
    let mut in_code = false;
    for line in rule.documentation.trim().lines() {
        if line.starts_with("```") {
            in_code = !in_code;
        } else if in_code {
            let _ = writeln!(text, "    {line}");
        } else if let Some(heading) = line.strip_prefix("## ") {
            let _ = writeln!(text, "{bold}{heading}{bold:#}");
        } else {
            let _ = writeln!(text, "{line}");
        }
    }
    let _ = write!(text, "\n{bold}Fix{bold:#}\n{}\n", textwrap::fill(rule.help, width));
    for line in rule.repair().map(Repair::described).unwrap_or_default() {
        let options = textwrap::Options::new(width).subsequent_indent("    ");
        let _ = writeln!(text, "{}", textwrap::fill(&line, options));
    }
    if let Check::Trial(Trial { presupposes: needed @ [_, ..], .. }) = rule.check {
        let needed = textwrap::fill(&needed.join(", "), width);
        let _ = write!(text, "\n{bold}Presupposes{bold:#}\n{needed}\n");
    }
    let _ = match rule.group() {
        "replay" => write!(
            text,
            "\n{bold}Accept it{bold:#}\nan [[allow]] entry of mcp-kit.toml with rule = \"{}\" and a \
             reason\n",
            rule.id
        ),
        "breaking" => write!(
            text,
            "\n{bold}Accept it{bold:#}\nan [[allow]] entry of mcp-kit.toml with rule = \"{}\", a \
             reason and until\n",
            rule.id
        ),
        _ => {
            write!(text, "\n{bold}Leave it out{bold:#}\nmcp-kit lint --ignore {} TARGET\n", rule.id)
        }
    };
    text
}

fn list(rules: &[&Rule]) -> String {
    let mut text = String::new();
    let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    for rule in rules {
        let severity = match rule.severity {
            Severity::Error => anstyle::AnsiColor::Red,
            Severity::Warning => anstyle::AnsiColor::Yellow,
            Severity::Info => anstyle::AnsiColor::Cyan,
        }
        .on_default();
        let _ = writeln!(
            text,
            "{:width$}  {severity}{:7}{severity:#}  {:11}  {}",
            rule.id,
            rule.severity.as_str(),
            rule.profile.as_str(),
            rule.summary()
        );
    }
    text
}

fn markdown_list(rules: &[&Rule]) -> String {
    let mut text =
        String::from("| rule | severity | profile | what is wrong |\n|---|---|---|---|\n");
    for rule in rules {
        let (severity, profile) = (rule.severity, rule.profile.as_str());
        let _ = writeln!(text, "| `{}` | {severity} | {profile} | {} |", rule.id, rule.summary());
    }
    text
}

/// A rule for programs.
#[derive(Serialize)]
struct Described {
    rule: &'static str,
    severity: Severity,
    profile: &'static str,
    summary: &'static str,
    help: &'static str,
    /// What `--fix` does about it, and what `--unsafe-fixes` does beyond that; each none where it
    /// does nothing.
    safe_fix: Option<&'static str>,
    unsafe_fix: Option<&'static str>,
    documentation: &'static str,
}

impl From<&'static Rule> for Described {
    fn from(rule: &'static Rule) -> Self {
        Self {
            rule: rule.id,
            severity: rule.severity,
            profile: rule.profile.as_str(),
            summary: rule.summary(),
            help: rule.help,
            safe_fix: rule.repair().and_then(|repair| repair.safe),
            unsafe_fix: rule.repair().and_then(|repair| repair.not_safe),
            documentation: rule.documentation.trim(),
        }
    }
}
