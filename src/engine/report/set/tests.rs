//! Every format renders the same set: two servers that were read, one of them under two names, and
//! one that was not.

use serde_json::Value;

use super::*;
use crate::engine::{
    finding::Finding,
    protocol::{json::Limits, revision::Era},
    report::{Examined, Origin, Source, Transport, html::tests::check},
    rule::{Member, Profile, Selection, run_set},
    surface::{self, Surface},
};

const TICKETS: &str = r#"{"serverInfo": {"name": "Ticket \u001b[31mdesk", "version": "2.0"}, "tools": [
    {"name": "get_ticket", "description": "Gets one ticket by its number.",
     "inputSchema": {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["ids"]}}]}"#;
const WIKI: &str = r#"{"serverInfo": {"name": "wiki"}, "tools": [
    {"name": "get_ticket", "description": "Gets the page of a ticket.",
     "inputSchema": {"type": "object", "properties": {"page": {"type": "string", "description": "The page."}}}}]}"#;

/// Renders the set, with so many lines of findings where there is a bound.
fn rendered(format: Format, max_lines: Option<usize>) -> String {
    let read = |text: &str| surface::read(text.as_bytes(), &Limits::default()).unwrap();
    let surfaces: [Surface; 2] = [read(TICKETS), read(WIKI)];
    let names = ["desk", "wiki|x", "desk-again"];
    let of_name = [&surfaces[0], &surfaces[1], &surfaces[0]];
    let members: Vec<Member<'_>> =
        names.iter().zip(of_name).map(|(name, surface)| Member { name, surface }).collect();
    let findings: Vec<Vec<Finding>> = run_set(&members, &Selection::of(Profile::Recommended));
    let origins = names
        .map(|name| Origin { name: name.to_owned(), transport: Transport::Stdio(Era::Legacy) });
    let stderr = ["no \u{1b}[2Jtoken".to_owned()];
    let mut servers: Vec<SetServer<'_>> = Vec::new();
    for (index, member) in members.iter().enumerate() {
        let source = Source { surface: member.surface, origin: &origins[index] };
        let report = Report {
            examined: Examined::Surface { source, profile: "recommended", plan: None },
            open: &findings[index],
            allowed: &[],
            fail_on: Severity::Error,
            allow_list: None,
            baseline: None,
            fixing: None,
            foreseen: None,
            lists: None,
        };
        servers.push(SetServer {
            name: member.name,
            place: ".mcp.json:3:5",
            same_as: (index == 2).then_some("desk"),
            time: None,
            outcome: Outcome::Examined(report),
        });
    }
    let failed = Failed {
        code: 4,
        message: "the server ended: exit code 7",
        place: None,
        stderr: &stderr,
        help: Some("run it by hand\nand look"),
    };
    servers.push(SetServer {
        name: "dead\u{202e}one",
        place: ".mcp.json:9:5",
        same_as: None,
        time: None,
        outcome: Outcome::Failed(failed),
    });
    let set = Set { servers: &servers, profile: "recommended", fail_on: Severity::Error };
    assert!(set.fails());
    let text = render(format, &set, Layout { width: 100, max_lines, max_infos: None });
    assert!(!text.contains(['\u{202e}', '\r']) && !text.contains("\u{1b}[2J"), "{text}");
    text
}

#[test]
fn the_table_comes_first_and_each_finding_stands_under_its_server() {
    let text = anstyle_free(&rendered(Format::Text, None));
    let lines: Vec<&str> = text.lines().collect();
    let words = |line: usize| lines[line].split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(words(0), "server tools tokens errors warnings notes");
    assert_eq!(words(1), "desk 1 36 2 2 1");
    assert!(lines[3].starts_with("desk-again ") && lines[3].ends_with("  as desk"), "{}", lines[3]);
    assert!(lines[4].starts_with("dead\\u{202e}one  not read: the server ended"), "{}", lines[4]);
    assert_eq!(words(5), "all 3 109 2 5 2");
    let at = |what: &str| text.find(what).unwrap_or_else(|| panic!("no {what} in\n{text}"));
    assert!(at("= help: run it by hand\n            and look\n") < at("── desk (Ticket \\u{1b}"));
    assert!(at("── desk (") < at("error[schema/required-unknown]"));
    assert!(at("error[schema/required-unknown]") < at("── wiki|x (wiki, legacy era over stdio)"));
    assert!(at("── wiki|x") < at("warning[surface/tool-name-collision]"));
    assert_eq!(text.matches("schema/required-unknown]").count(), 1, "{text}");
    assert!(text.contains("lists the same tool as the server `desk`"), "{text}");
    assert!(text.ends_with("why: mcp-kit explain schema/required-unknown\n"), "{text}");
}

#[test]
fn of_few_lines_the_worst_finding_has_the_first() {
    let text = rendered(Format::Text, Some(1));
    assert!(text.contains("[schema/required-unknown]") && !text.contains("collision]"), "{text}");
    assert!(text.contains("more findings; --max-lines 0"), "{text}");
}

#[test]
fn the_report_of_a_server_is_the_one_of_a_run_on_it() {
    let report: Value = serde_json::from_str(&rendered(Format::Json, None)).unwrap();
    assert_eq!(report["format"], FORMAT);
    let summary = &report["summary"];
    assert_eq!((&summary["servers"], &summary["failed"]), (&4.into(), &1.into()));
    assert_eq!((&summary["tools"], &summary["fails"]), (&3.into(), &true.into()));
    let servers = report["servers"].as_array().unwrap();
    assert_eq!(servers[0]["report"]["format"], "mcp-kit.lint/1");
    assert_eq!(servers[2]["same_as"], "desk");
    assert_eq!((&servers[3]["report"], &servers[3]["failure"]["code"]), (&Value::Null, &4.into()));
    let limits = report["limits"].as_array().unwrap();
    assert!(limits.iter().any(|limit| limit["client"] == "cursor" && limit["most"] == 80));
}

#[test]
fn sarif_has_a_run_for_each_server() {
    let log: Value = serde_json::from_str(&rendered(Format::Sarif, None)).unwrap();
    let runs = log["runs"].as_array().unwrap();
    let ids: Vec<_> = runs.iter().map(|run| run["automationDetails"]["id"].as_str()).collect();
    assert_eq!(ids[..2], [Some("mcp-kit/lint/desk/"), Some("mcp-kit/lint/wiki%7Cx/")]);
    let is_successful = |run: &Value| run["invocations"][0]["executionSuccessful"].clone();
    // GitHub shows no result that is nowhere.
    let found = runs[0]["results"].as_array().unwrap();
    let at = |result: &Value| result["locations"][0]["physicalLocation"].clone();
    assert!(
        found.len() > 2 && found.iter().all(|it| at(it)["region"]["startLine"] == 3),
        "{found:#?}"
    );
    let notification = &runs[3]["invocations"][0]["toolExecutionNotifications"][0];
    let physical = &notification["locations"][0]["physicalLocation"];
    assert_eq!(physical["artifactLocation"]["uri"], ".mcp.json");
    assert_eq!(physical["region"]["startLine"], 9);
    assert_eq!((is_successful(&runs[0]), is_successful(&runs[3])), (true.into(), false.into()));
}

#[test]
fn why_a_server_ended_is_said_wherever_a_run_is_looked_at() {
    let said = |format, line: &str| {
        let text = rendered(format, None);
        assert!(text.contains(line), "{line}: {text}");
    };
    said(Format::Markdown, "  Its standard error:\n\n  ```text\n  no \\u{1b}[2Jtoken\n  ```\n");
    said(Format::Github, "%0A| no \\u{1b}[2Jtoken%0Ahelp: run it by hand%0Aand look\n");
    said(Format::Sarif, "the server's standard error:\\n| no \\\\u{1b}[2Jtoken\\n\\nhelp: run it");
    let lines: Vec<String> = (0..99).map(|line| format!("{line}{}", "x".repeat(999))).collect();
    let failed = Failed { code: 4, message: "", place: None, stderr: &lines, help: None };
    let last: Vec<String> = failed.last_lines().collect();
    assert_eq!((last.len(), last[9].chars().count()), (10, 300));
    assert!(last[9].starts_with("98x"), "{}", last[9]);
}

#[test]
fn junit_has_a_suite_for_each_server() {
    let text = rendered(Format::Junit, None);
    assert_eq!(text.matches("<testsuite ").count(), 4);
    assert!(text.contains("<testsuites name=\"mcp-kit lint --all\" tests=\"7\""), "{text}");
    assert!(
        text.contains("<error type=\"unavailable\" message=\"the server ended: exit code 7\">")
    );
}

#[test]
fn an_annotation_names_the_server() {
    let text = rendered(Format::Github, None);
    let first = text.lines().next().unwrap();
    assert!(first.starts_with("::error file=.mcp.json,line=9,title=not read::dead"), "{first}");
    assert!(text.contains("::wiki|x: get_ticket.name: the server `desk` has a tool"), "{text}");
}

#[test]
fn a_comment_has_the_table_and_a_fold_for_each_server() {
    let text = rendered(Format::Markdown, None);
    assert!(text.starts_with("## ❌ mcp-kit lint --all: 4 servers, 2 errors, "), "{text}");
    assert!(text.contains("\n| wiki\\|x | 1 | "), "{text}");
    assert!(text.contains("### Not read\n\n- **dead"), "{text}");
    assert!(text.contains("<details><summary>wiki\\|x: 2 warnings"), "{text}");
}

#[test]
fn lines_of_json_are_the_findings_of_the_json_report_with_their_servers() {
    let whole: Value = serde_json::from_str(&rendered(Format::Json, None)).unwrap();
    let text = rendered(Format::Jsonl, None);
    let mut lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let head = lines.next().unwrap();
    let found: Vec<Value> = lines.collect();
    assert_eq!(head["format"], "mcp-kit.lint-set.jsonl/1");
    assert_eq!(head["findings"], found.len());
    assert_eq!(head["summary"], whole["summary"]);
    assert_eq!(head["servers"][0]["report"]["target"], whole["servers"][0]["report"]["target"]);
    let mut expected = Vec::new();
    for server in whole["servers"].as_array().unwrap() {
        for finding in server["report"]["findings"].as_array().into_iter().flatten() {
            let mut finding = finding.clone();
            finding["server"] = server["name"].clone();
            expected.push(finding);
        }
    }
    assert_eq!(found, expected);
}

#[test]
fn the_page_has_a_part_for_each_server() {
    let parsed = check(&rendered(Format::Html, None));
    for id in ["server-desk", "server-desk-errors", "server-wiki-x-warnings", "server-dead-one"] {
        assert!(parsed.ids.iter().any(|it| it == id), "{id}: {:?}", parsed.ids);
    }
    // The same tool on two servers has two places.
    assert!(parsed.ids.iter().filter(|id| id.starts_with("tool-get_ticket")).count() == 3);
    for text in ["4 servers", "the server ended: exit code 7", "run it by hand", "the same as desk"]
    {
        assert!(parsed.text.contains(text), "{text}: {}", parsed.text);
    }
}

/// A text without its colors.
fn anstyle_free(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| plain + part.split_once('m').map_or(part, |(_, rest)| rest))
}
