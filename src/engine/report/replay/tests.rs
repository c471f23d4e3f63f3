//! A replay in every format.

use serde_json::Value;

use super::{Replay, Tested};
use crate::engine::{
    finding::{
        Finding, Severity,
        allow::AllowedFinding,
        verdict::{Verdict, VerdictOutcome},
    },
    protocol::{json::Limits, revision::Era},
    report::{Examined, Format, Layout, Origin, Report, Source, Transport, render},
    rule::replay::{findings, rules},
    surface::{self, Surface},
};

const LONG: &str = "book_a_table_for_somebody_who_is_not_there_yet_and_may_never_come_at_all";
const HOSTILE: &str = "pay\u{1b}[35m<b>|`x`";

fn verdict(rule: &'static str, tool: &str, outcome: VerdictOutcome, reason: &str) -> Verdict {
    let history: Vec<String> = (1..=9).map(|it| format!("{tool} → call {it}")).collect();
    Verdict {
        rule,
        tool: tool.to_owned(),
        outcome,
        reason: reason.to_owned(),
        history: if outcome == VerdictOutcome::Passed { Vec::new() } else { history },
        again: format!("mcp-kit replay --allow-writes --tool {tool} -- bank"),
    }
}

fn sample() -> (Surface, Replay) {
    use VerdictOutcome::{Blocked, Failed, Inconclusive, Passed, Skipped};
    let names = ["deposit", LONG, HOSTILE, "get_account", "purge"];
    let tools: Vec<Value> = names.iter().map(|name| serde_json::json!({"name": name})).collect();
    let text = serde_json::json!({"serverInfo": {"name": "bank"}, "tools": tools}).to_string();
    let surface = surface::read(text.as_bytes(), &Limits::default()).unwrap();
    let tested = |tool: &str, verdicts: Vec<Verdict>| Tested {
        tool: tool.to_owned(),
        origin: "made from its input schema".to_owned(),
        counted: Some(Ok("`list_entries` at /entries".to_owned())),
        verdicts,
    };
    let deposit = |rule, outcome, reason| verdict(rule, "deposit", outcome, reason);
    let tools = vec![
        tested(
            "deposit",
            vec![
                deposit("replay/no-idempotency-key", Passed, "`key`, which is required"),
                deposit("replay/duplicate-effect", Failed, "2 effects instead of one effect"),
                deposit("replay/crash-duplicate", Blocked, "by `replay/duplicate-effect`"),
                deposit("replay/key-leaks-across-tenants", Skipped, "there is no other user"),
                deposit("replay/slow-sync", Passed, "7 ms in the middle of 5"),
                deposit("replay/unhelpful-error", Passed, "100 of 100 points at least"),
            ],
        ),
        tested(LONG, vec![verdict("replay/slow-sync", LONG, Inconclusive, "it was answered: no")]),
        tested(HOSTILE, vec![verdict("replay/slow-sync", HOSTILE, Failed, "over 5000 ms")]),
        tested("get_account", vec![verdict("replay/slow-sync", "get_account", Passed, "5 ms")]),
    ];
    let replay = Replay {
        target: "-- bank".to_owned(),
        spoken: "stdio, modern".to_owned(),
        cassette: None,
        seed: 7,
        tools,
        left_out: vec![("purge".to_owned(), "it may change something".to_owned())],
    };
    (surface, replay)
}

/// The sample in a format, with what is allowed picked out of its findings.
fn rendered(format: Format, fail_on: Severity, is_allowed: impl Fn(&Finding) -> bool) -> String {
    let (surface, replay) = sample();
    let all = findings(replay.verdicts(), &surface);
    let (allowed, open): (Vec<_>, Vec<_>) = all.into_iter().partition(|it| is_allowed(it));
    let allowed: Vec<AllowedFinding> = allowed
        .into_iter()
        .map(|finding| AllowedFinding {
            finding,
            entry: Some(0),
            reason: "the bank is closed".to_owned(),
            until: None,
        })
        .collect();
    let origin = Origin { name: "-- bank".to_owned(), transport: Transport::Stdio(Era::Modern) };
    let source = Source { surface: &surface, origin: &origin };
    let report = Report {
        examined: Examined::Replay { source, replay: &replay },
        open: &open,
        allowed: &allowed,
        fail_on,
        allow_list: None,
        baseline: None,
        fixing: None,
        foreseen: None,
        lists: None,
    };
    let layout = Layout { width: 80, max_lines: None, max_infos: Some(5) };
    render(format, &report, layout)
}

/// A text without our own styles; what a server wrote stays.
fn plain(text: &str) -> String {
    let ours = ["0", "1", "2", "31", "32", "33"];
    ours.iter().fold(text.to_owned(), |text, code| text.replace(&format!("\u{1b}[{code}m"), ""))
}

/// The lines of a table without its padding.
fn rows(table: &str) -> Vec<String> {
    let row = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    table.lines().map(row).collect()
}

fn nothing(_: &Finding) -> bool {
    false
}

#[test]
fn the_text_fits_eighty_columns_and_tells_what_to_do() {
    let text = plain(&rendered(Format::Text, Severity::Error, nothing));
    for line in text.lines().filter(|line| !line.contains("= again: ")) {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let (table, rest) = text.split_once("\n\ndeposit\n").unwrap();
    for row in [
        "tool key dup concurrent crash conflict errors time",
        "deposit pass FAIL - block - pass pass",
        "block something that it presupposes did not pass",
    ] {
        assert!(rows(table).contains(&row.to_owned()), "{row}\n{table}");
    }
    let found = "  FAIL[replay/duplicate-effect]: 2 effects instead of one effect\n      · deposit → call 1\n";
    assert!(rest.contains(found), "{rest}");
    assert!(rest.contains("      · and 3 more lines\n      = help: keep the key"), "{rest}");
    assert!(rest.contains("      = again: mcp-kit replay --allow-writes --tool deposit"), "{rest}");
    assert!(rest.contains("\nnot put to the test\n  purge: it may change something\n"), "{rest}");
    assert!(
        rest.ends_with(
            "\n2 failed, 1 inconclusive, 1 blocked, 1 skipped, 4 passed (seed 0000000000000007)\n\
         why: mcp-kit explain replay/duplicate-effect\n"
        ),
        "{rest}"
    );
    assert!(!rest.contains("get_account"), "what passes is not told: {rest}");
}

#[test]
fn what_is_allowed_is_no_failure_and_says_why() {
    let is_allowed = |finding: &Finding| finding.rule == "replay/duplicate-effect";
    let text = plain(&rendered(Format::Text, Severity::Error, is_allowed));
    assert!(rows(&text).contains(&"deposit pass allow - block - pass pass".to_owned()), "{text}");
    assert!(text.contains("  allowed[replay/duplicate-effect]: 2 effects"), "{text}");
    assert!(text.contains("= reason: the bank is closed"), "{text}");
    assert!(text.contains("1 failed, 1 inconclusive, 1 allowed, 1 blocked"), "{text}");
    let junit = rendered(Format::Junit, Severity::Error, is_allowed);
    assert!(junit.contains("tests=\"10\" failures=\"1\" errors=\"0\" skipped=\"5\""), "{junit}");
    let json: Value =
        serde_json::from_str(&rendered(Format::Json, Severity::Error, is_allowed)).unwrap();
    assert_eq!((&json["summary"]["failed"], &json["summary"]["allowed"]), (&2.into(), &1.into()));
    let allowed = json["findings"].as_array().unwrap().last().unwrap();
    assert_eq!(allowed["allowed"]["reason"], "the bank is closed", "{allowed:#}");
}

#[test]
fn a_test_report_has_a_case_for_each_question() {
    let junit = rendered(Format::Junit, Severity::Error, nothing);
    assert!(junit.contains("<testsuites name=\"mcp-kit replay\" tests=\"10\" failures=\"2\" errors=\"0\" skipped=\"4\">"), "{junit}");
    for case in [
        "<testcase classname=\"deposit\" name=\"replay/no-idempotency-key\">\n      <system-out>`key`",
        "<skipped message=\"BLOCKED: by `replay/duplicate-effect`\"/>",
        "<skipped message=\"INCONCLUSIVE: it was answered: no\"/>",
        "<testcase classname=\"purge\" name=\"replay\">\n      <skipped message=\"it may change",
    ] {
        assert!(junit.contains(case), "{case}\n{junit}");
    }
    let failure = junit.split("<failure type=\"replay/duplicate-effect\"").nth(1).unwrap();
    let failure = failure.split("</failure>").next().unwrap();
    for part in ["help: keep the key", "again: mcp-kit replay", "· deposit → call 9"] {
        assert!(failure.contains(part), "{part}: {failure}");
    }
    // Where what is not known fails the run, it fails there too.
    let strict = rendered(Format::Junit, Severity::Warning, nothing);
    assert!(strict.contains("failures=\"3\" errors=\"0\" skipped=\"3\">"), "{strict}");
}

#[test]
fn code_scanning_has_the_rule_with_its_page_and_what_was_done() {
    let log: Value =
        serde_json::from_str(&rendered(Format::Sarif, Severity::Error, nothing)).unwrap();
    let run = &log["runs"][0];
    assert_eq!(run["automationDetails"]["id"], "mcp-kit/replay/");
    let rule = &run["tool"]["driver"]["rules"][0];
    assert_eq!(rule["id"], "replay/duplicate-effect");
    assert!(rule["help"]["markdown"].as_str().unwrap().contains("## Why"), "{rule:#}");
    let result = &run["results"][0];
    assert_eq!(
        (&result["level"], &result["properties"]["outcome"]),
        (&"error".into(), &"failed".into())
    );
    let text = result["message"]["text"].as_str().unwrap();
    for part in ["deposit: 2 effects", "help: keep", "again: mcp-kit replay", "deposit → call 9"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    let left_out = run["invocations"][0]["toolExecutionNotifications"].to_string();
    assert!(left_out.contains("not run: purge: it may change something."), "{left_out}");
    assert!(left_out.contains("not run: deposit: by `replay/duplicate-effect`."), "{left_out}");
}

#[test]
fn a_comment_and_a_page_have_the_table_and_the_findings() {
    let comment = rendered(Format::Markdown, Severity::Error, nothing);
    for part in [
        "## ❌ mcp-kit replay: 2 errors, 1 warning",
        "| tool | key | dup | concurrent | crash | conflict | errors | time |",
        "| `deposit` | ✅ pass | ❌ FAIL | – | blocked | – | ✅ pass | ✅ pass |",
        "\n  Again: `mcp-kit replay --allow-writes --tool deposit -- bank`\n",
        "\n  ```text\n  deposit → call 1\n",
        "<details><summary>1 question blocked, 1 question skipped, 1 tool not put to the test</summary>",
    ] {
        assert!(comment.contains(part), "{part}\n{comment}");
    }
    let page = rendered(Format::Html, Severity::Error, nothing);
    for part in [
        "<h2>Outcomes</h2>",
        "<small>7 ms in the middle of 5</small><small>100 of 100 points at least</small>",
        "mcp-kit replay --allow-writes --tool deposit -- bank",
        "<span class=\"badge danger\">FAIL</span> <a href=\"#finding-1\"><code>replay/duplicate-effect</code></a>",
        "id=\"rule-replay-duplicate-effect\"",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    assert!(!page.contains("Token cost"));
}

#[test]
fn lines_and_annotations_have_what_to_do_too() {
    let lines = rendered(Format::Jsonl, Severity::Error, nothing);
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        (&lines[0]["format"], &lines[0]["findings"]),
        (&"mcp-kit.replay.jsonl/1".into(), &3.into())
    );
    assert_eq!(lines.len(), 4);
    let trial = &lines[1]["places"][0]["trial"];
    assert_eq!(
        (&trial["outcome"], trial["history"].as_array().unwrap().len()),
        (&"failed".into(), 9)
    );
    let annotations = rendered(Format::Github, Severity::Error, nothing);
    let first = annotations.lines().next().unwrap();
    assert!(
        first.starts_with("::error title=replay/duplicate-effect::deposit: 2 effects"),
        "{first}"
    );
    assert!(first.contains("%0Ahelp: keep") && first.contains("%0Aagain: mcp-kit"), "{first}");
    assert!(
        annotations.contains("::notice title=not run::purge: it may change something"),
        "{annotations}"
    );
    assert!(!annotations.contains("there is no other user"), "{annotations}");
}

#[test]
fn what_a_server_names_its_tools_stays_text() {
    for format in Format::ALL {
        let text = rendered(format, Severity::Error, nothing);
        let text = if format == Format::Text { plain(&text) } else { text };
        assert!(!text.contains('\u{1b}'), "{format:?}: {text}");
    }
    let page = rendered(Format::Html, Severity::Error, nothing);
    assert!(!page.contains("<b>|"), "{page}");
    let comment = rendered(Format::Markdown, Severity::Error, nothing);
    let row = comment.lines().find(|line| line.starts_with('|') && line.contains("pay")).unwrap();
    assert!(!row.contains("<b>|"), "{row}");
}

/// A question without a column would fail unseen.
#[test]
fn every_question_that_fails_shows_in_the_table() {
    for rule in rules() {
        let (surface, mut replay) = sample();
        let failed = verdict(rule.id, "deposit", VerdictOutcome::Failed, "it is so");
        replay.tools.truncate(1);
        replay.tools[0].verdicts = vec![failed];
        let open = findings(replay.verdicts(), &surface);
        let origin =
            Origin { name: "-- bank".to_owned(), transport: Transport::Stdio(Era::Modern) };
        let report = Report {
            examined: Examined::Replay {
                source: Source { surface: &surface, origin: &origin },
                replay: &replay,
            },
            open: &open,
            allowed: &[],
            fail_on: Severity::Error,
            allow_list: None,
            baseline: None,
            fixing: None,
            foreseen: None,
            lists: None,
        };
        let layout = Layout { width: 80, max_lines: None, max_infos: Some(5) };
        let text = plain(&render(Format::Text, &report, layout));
        let row = text.lines().find(|line| line.starts_with("deposit")).unwrap();
        assert_eq!(row.matches("FAIL").count(), 1, "{}: {row}", rule.id);
    }
}
