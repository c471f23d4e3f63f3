//! Every format renders the same samples: a comparison and a lint run.

mod bound;
mod lines;
mod not_run;
mod page;

use serde_json::{Value, json};

use super::*;
use crate::engine::{
    finding::{Confidence, Place, Subject, Witness, fingerprint},
    protocol::{
        json::{Limits, Position},
        pointer::Pointer,
    },
    surface,
};

const OLD: &str = r#"{
  "serverInfo": {"name": "deals", "version": "1.4.2"},
  "tools": [
    {"name": "get_deal", "inputSchema": {"type": "object"}},
    {"name": "move_deal", "inputSchema": {"type": "object", "properties": {
      "stage": {"enum": ["open", "won", "on_hold"]}}}},
    {"name": "drop_deal", "inputSchema": {"type": "object"}}
  ]
}"#;

const NEW: &str = r#"{
  "serverInfo": {"name": "deals", "version": "1.4.2"},
  "tools": [
    {"name": "get_deal", "description": "Gets.", "inputSchema": {"type": "object"}},
    {"name": "move_deal", "description": "Moves.", "inputSchema": {"type": "object", "properties": {
      "note": {"maxLength": 400},
      "stage": {"enum": ["open", "won"]}}}}
  ]
}"#;

fn place(subject: Subject, side: Side, pointer: &str, within: &str) -> Place {
    let within = Pointer::from(within);
    let pointer = Pointer::from(pointer).concat(&within);
    let fingerprint = fingerprint("breaking/x", &subject, &within, None);
    Place::new(subject, side, pointer, within, fingerprint)
}

fn tool(name: &str, side: Side, index: usize, within: &str) -> Place {
    place(Subject::Tool(name.to_owned()), side, &format!("/tools/{index}"), within)
}

fn finding(
    rule: &'static str,
    severity: Severity,
    message: &str,
    help: &str,
    places: Vec<Place>,
) -> Finding {
    let (message, help) = (message.to_owned(), help.to_owned());
    Finding { rule, severity, confidence: Confidence::High, message, help, places }
}

fn call(instance: Value) -> Option<Witness> {
    Some(Witness { instance, is_call: true, accepted_by: Side::Old })
}

/// What the formats are given.
struct Sample {
    old: Surface,
    new: Surface,
    origins: [Origin; 2],
    version: VersionAdvice,
    open: Vec<Finding>,
    allowed: Vec<AllowedFinding>,
    entries: Vec<Allow>,
}

impl Sample {
    fn new() -> Self {
        let read = |text: &str| surface::read(text.as_bytes(), &Limits::default()).unwrap();
        let origin = |name: &str| Origin { name: name.to_owned(), transport: Transport::File };
        let mut narrowed = tool("move_deal", Side::New, 1, "/inputSchema/properties/stage/enum");
        narrowed.witness = call(json!({"stage": "on_hold"}));
        let mut shortened =
            tool("move_deal", Side::New, 1, "/inputSchema/properties/note/maxLength");
        shortened.witness = call(json!({"note": "x".repeat(401)}));
        let mut unnamed = place(Subject::Project, Side::New, "", "/allow/0");
        unnamed.note = None;
        let (old, new) = (read(OLD), read(NEW));
        let open = vec![
            finding(
                "breaking/input-narrowed",
                Severity::Error,
                "\"on_hold\" is no longer accepted",
                "keep accepting it",
                vec![narrowed],
            ),
            finding(
                "breaking/tool-removed",
                Severity::Error,
                "the tool is gone",
                "mark it as deprecated first",
                vec![tool("drop_deal", Side::Old, 2, "")],
            ),
            finding(
                "allow/stale",
                Severity::Warning,
                "the entry for `desc/missing` matches nothing",
                "take the entry out",
                vec![unnamed],
            ),
            finding(
                "breaking/description-drift",
                Severity::Info,
                "the description is new",
                "read it",
                vec![
                    tool("get_deal", Side::New, 0, "/description"),
                    tool("move_deal", Side::New, 1, "/description"),
                ],
            ),
        ];
        let allowed = vec![AllowedFinding {
            finding: finding(
                "breaking/input-narrowed",
                Severity::Error,
                "longer than 400 characters is no longer accepted",
                "keep accepting it",
                vec![shortened],
            ),
            entry: Some(1),
            reason: "nobody writes so much".to_owned(),
            until: "2027-01-31".parse().ok(),
        }];
        let entry = |line, rule: &str| Allow {
            rule: rule.to_owned(),
            tool: None,
            pointer: None,
            fingerprint: None,
            reason: "nobody writes so much".to_owned(),
            until: None,
            position: Position { line, column: 1 },
        };
        Self {
            old,
            new,
            origins: [origin("git:main:contract.json"), origin("contract.json")],
            version: VersionAdvice::new(Some("1.4.2"), Some("1.4.2"), Bump::Major),
            open,
            allowed,
            entries: vec![entry(3, "desc/missing"), entry(7, "breaking/input-narrowed")],
        }
    }

    fn diff(&self) -> Report<'_> {
        let [before, now] = &self.origins;
        Report {
            examined: Examined::Comparison {
                old: Source { surface: &self.old, origin: before },
                new: Source { surface: &self.new, origin: now },
                version: &self.version,
                accept: Some("mcp-kit diff --write"),
                traffic: None,
            },
            ..self.lint()
        }
    }

    fn lint(&self) -> Report<'_> {
        let source = Source { surface: &self.new, origin: &self.origins[1] };
        Report {
            examined: Examined::Surface { source, profile: "recommended", plan: None },
            open: &self.open,
            allowed: &self.allowed,
            fail_on: Severity::Error,
            allow_list: Some(AllowList { file: "mcp-kit.toml", entries: &self.entries }),
            baseline: None,
            fixing: None,
            foreseen: None,
            lists: None,
        }
    }
}

fn layout() -> Layout {
    Layout { width: 100, max_lines: None, max_infos: None }
}

/// Without the ANSI sequences.
fn plain(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| plain + part.split_once('m').map_or("", |(_, rest)| rest))
}

#[test]
fn text_of_a_comparison() {
    let text = plain(&render(Format::Text, &Sample::new().diff(), layout()));
    insta::assert_snapshot!(text, @r#"
    deals 1.4.2: 2 tools, 3 before

    BREAKING  move_deal.input.stage  "on_hold" is no longer accepted [breaking/input-narrowed]
              accepted before, refused now:
              {"method":"tools/call","params":{"name":"move_deal","arguments":{"stage":"on_hold"}}}
    BREAKING  drop_deal              the tool is gone [breaking/tool-removed]
    warning   mcp-kit.toml:3         the entry for `desc/missing` matches nothing [allow/stale]
    info      2 places               the description is new [breaking/description-drift]
              get_deal.description, move_deal.description
    allowed   move_deal.input.note   longer than 400 characters is no longer accepted
                                     [breaking/input-narrowed]
              nobody writes so much (until 2027-01-31)

    2 breaking, 1 warning, 1 info, 1 allowed → next version should be 2.0.0 (now 1.4.2)
    why: mcp-kit explain breaking/input-narrowed
    accept on purpose: mcp-kit diff --write
    "#);
}

#[test]
fn text_of_a_comparison_without_findings() {
    let sample = Sample::new();
    let version = VersionAdvice::new(Some("1.4.2"), Some("1.4.2"), Bump::None);
    let mut report = Report { open: &[], allowed: &[], allow_list: None, ..sample.diff() };
    if let Examined::Comparison { version: advice, .. } = &mut report.examined {
        *advice = &version;
    }
    insta::assert_snapshot!(plain(&render(Format::Text, &report, layout())), @"
    deals 1.4.2: 2 tools, 3 before

    no findings
    ");
}

#[test]
fn text_leaves_out_what_does_not_fit() {
    let sample = Sample::new();
    let few = Layout { max_infos: Some(0), ..layout() };
    let text = plain(&render(Format::Text, &sample.diff(), few));
    assert!(text.contains("… and 1 more finding; --max-lines 0 shows all"), "{text}");
    let short = |lines| Layout { max_lines: Some(lines), ..layout() };
    let text = plain(&render(Format::Text, &sample.diff(), short(3)));
    assert!(text.contains("BREAKING  drop_deal"), "every break before anything else: {text}");
    assert!(text.contains("… and 2 more findings; --max-lines 0 shows all"), "{text}");
    let text = plain(&render(Format::Text, &sample.diff(), short(1)));
    assert!(text.contains("… and 3 more findings (1 breaking); --max-lines 0"), "{text}");
}

#[test]
fn text_shows_a_proof_of_several_breaks_once() {
    let mut sample = Sample::new();
    let mut other = sample.open[0].clone();
    other.message = "\"won\" is no longer accepted".to_owned();
    sample.open.insert(1, other);
    let begin = "{\"method\":\"tools/call\"";
    let text = plain(&render(Format::Text, &sample.diff(), layout()));
    assert_eq!(text.matches(begin).count(), 1, "{text}");
    assert!(text.contains("the same call or answer as above"), "{text}");
    let instance = json!({"stage": "won"});
    sample.open[1].places[0].witness = call(instance);
    let short = Layout { max_lines: Some(5), ..layout() };
    let text = plain(&render(Format::Text, &sample.diff(), short));
    assert!(text.contains("2 more findings, 1 more proof; --max-lines 0"), "{text}");
}

#[test]
fn text_of_a_lint_run_shows_what_is_allowed() {
    let text = plain(&render(Format::Text, &Sample::new().lint(), layout()));
    insta::assert_snapshot!(text, @r#"
    deals 1.4.2: 2 tools; 55 tokens before the model, 55 on the wire

    move_deal
      error[breaking/input-narrowed]: "on_hold" is no longer accepted
        --> contract.json:7:25
        = help: keep accepting it

    drop_deal
      error[breaking/tool-removed]: the tool is gone
        = help: mark it as deprecated first

    mcp-kit.toml
      warning[allow/stale]: the entry for `desc/missing` matches nothing
        --> mcp-kit.toml:3:1
        = help: take the entry out

    several
      info[breaking/description-drift]: the description is new
        --> get_deal, move_deal
        = help: read it

    allowed
      breaking/input-narrowed: longer than 400 characters is no longer accepted (move_deal.input.note)
        = reason: nobody writes so much (until 2027-01-31)

    2 errors, 1 warning, 1 note, 1 allowed (profile recommended); why: mcp-kit explain breaking/input-
      narrowed
    "#);
}

#[test]
fn github_annotations() {
    insta::assert_snapshot!(render(Format::Github, &Sample::new().diff(), layout()), @r#"
    ::error file=contract.json,line=7,col=25,title=breaking/input-narrowed::move_deal.input.stage: "on_hold" is no longer accepted%0Ahelp: keep accepting it%0Aaccepted before, refused now: {"method":"tools/call","params":{"name":"move_deal","arguments":{"stage":"on_hold"}}}
    ::error file=contract.json,title=breaking/tool-removed::drop_deal: the tool is gone%0Ahelp: mark it as deprecated first
    ::warning file=mcp-kit.toml,line=3,col=1,title=allow/stale::mcp-kit.toml: the entry for `desc/missing` matches nothing%0Ahelp: take the entry out
    ::notice file=contract.json,line=4,col=41,title=breaking/description-drift::get_deal.description, move_deal.description: the description is new%0Ahelp: read it
    "#);
    let sample = Sample::new();
    let silent = Report { open: &[], ..sample.diff() };
    assert_eq!(render(Format::Github, &silent, layout()), "");
}

#[test]
fn junit_has_a_case_for_each_thing() {
    insta::assert_snapshot!(render(Format::Junit, &Sample::new().diff(), layout()), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="mcp-kit diff" tests="5" failures="2" errors="0" skipped="0">
      <testsuite name="contract.json" tests="5" failures="2" errors="0" skipped="0">
        <testcase classname="mcp-kit diff" name="server"/>
        <testcase classname="mcp-kit diff" name="get_deal">
          <system-out>info[breaking/description-drift]: get_deal.description: the description is new
      help: read it
      at contract.json:4:41</system-out>
        </testcase>
        <testcase classname="mcp-kit diff" name="move_deal">
          <failure type="breaking/input-narrowed" message="move_deal.input.stage: &quot;on_hold&quot; is no longer accepted">breaking[breaking/input-narrowed]: move_deal.input.stage: &quot;on_hold&quot; is no longer accepted
      help: keep accepting it
      at contract.json:7:25
      accepted before, refused now:
    {&quot;method&quot;:&quot;tools/call&quot;,&quot;params&quot;:{&quot;name&quot;:&quot;move_deal&quot;,&quot;arguments&quot;:{&quot;stage&quot;:&quot;on_hold&quot;}}}</failure>
          <system-out>info[breaking/description-drift]: move_deal.description: the description is new
      help: read it
      at contract.json:5:42

    allowed: breaking[breaking/input-narrowed]: move_deal.input.note: longer than 400 characters is no longer accepted
      help: keep accepting it
      at contract.json:6:29
      accepted before, refused now:
    {&quot;method&quot;:&quot;tools/call&quot;,&quot;params&quot;:{&quot;name&quot;:&quot;move_deal&quot;,&quot;arguments&quot;:{&quot;note&quot;:&quot;x&quot; × 401}}}
      breaking/input-narrowed: nobody writes so much (until 2027-01-31)</system-out>
        </testcase>
        <testcase classname="mcp-kit diff" name="drop_deal">
          <failure type="breaking/tool-removed" message="drop_deal: the tool is gone">breaking[breaking/tool-removed]: drop_deal: the tool is gone
      help: mark it as deprecated first
      at git:main:contract.json:7:5</failure>
        </testcase>
        <testcase classname="mcp-kit diff" name="mcp-kit.toml">
          <system-out>warning[allow/stale]: mcp-kit.toml: the entry for `desc/missing` matches nothing
      help: take the entry out
      at mcp-kit.toml:3:1</system-out>
        </testcase>
      </testsuite>
    </testsuites>
    "#);
}

#[test]
fn markdown_of_a_comparison() {
    insta::assert_snapshot!(render(Format::Markdown, &Sample::new().diff(), layout()), @r#"
    ## ❌ mcp-kit diff: 2 breaking, 1 warning, 1 info

    **deals** `1.4.2`, 2 tools · next version should be 2.0.0 (now 1.4.2)

    | breaking | warning | info | allowed |
    |---|---|---|---|
    | 2 | 1 | 1 | 1 |

    ### Breaking

    - **move_deal.input.stage** (`contract.json:7`): "on_hold" is no longer accepted (`breaking/input-narrowed`)

      accepted before, refused now:

      ```json
      {"method":"tools/call","params":{"name":"move_deal","arguments":{"stage":"on_hold"}}}
      ```

      Help: keep accepting it

    - **drop_deal** (`git:main:contract.json:7`): the tool is gone (`breaking/tool-removed`)
      Help: mark it as deprecated first

    <details><summary>1 warning</summary>

    - **mcp-kit.toml** (`mcp-kit.toml:3`): the entry for `desc/missing` matches nothing (`allow/stale`)
      Help: take the entry out

    </details>

    <details><summary>1 info</summary>

    - the description is new, at 2 places (`breaking/description-drift`)
      - **get_deal.description** (`contract.json:4`)
      - **move_deal.description** (`contract.json:5`)

      Help: read it

    </details>

    <details><summary>1 allowed</summary>

    - **move_deal.input.note** (`contract.json:6`): longer than 400 characters is no longer accepted (`breaking/input-narrowed`)

      accepted before, refused now:

      ```json
      {"method":"tools/call","params":{"name":"move_deal","arguments":{"note":"x" × 401}}}
      ```

      Reason: nobody writes so much (until 2027-01-31)

    </details>

    Why: `mcp-kit explain breaking/input-narrowed` · accept on purpose: `mcp-kit diff --write`
    "#);
}

#[test]
fn markdown_keeps_the_limit_of_a_comment() {
    let mut sample = Sample::new();
    let one = sample.open[0].clone();
    sample.open = vec![one; 2_000];
    let text = render(Format::Markdown, &sample.diff(), layout());
    assert!(text.chars().count() < 65_536, "{}", text.len());
    assert!(text.contains(" more items: the comment is full"), "{text}");
    assert!(text.contains("2,000 breaking") && text.contains("mcp-kit explain"), "{text}");
}

#[test]
fn json_of_a_comparison() {
    let text = render(Format::Json, &Sample::new().diff(), layout());
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["format"], "mcp-kit.diff/1");
    assert_eq!(report["old"]["name"], "git:main:contract.json");
    assert_eq!(report["new"]["server"]["version"], "1.4.2");
    assert_eq!((&report["old"]["tools"], &report["new"]["tools"]), (&json!(3), &json!(2)));
    assert_eq!(
        report["version"],
        json!({
            "old": "1.4.2", "new": "1.4.2", "bump": "major", "suggested": "2.0.0",
            "is_enough": false
        })
    );
    assert_eq!(
        report["summary"],
        json!({
            "breaking": 2, "errors": 2, "warnings": 1, "infos": 1, "allowed": 1, "fails": true
        })
    );
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 5);
    let narrowed = &findings[0];
    assert_eq!(narrowed["tool"], "move_deal");
    assert_eq!(
        narrowed["witness"],
        json!({
            "kind": "call", "accepted_by": "old", "refused_by": "new",
            "instance": {"stage": "on_hold"},
            "message": {"method": "tools/call", "params": {
                "name": "move_deal", "arguments": {"stage": "on_hold"}}}
        })
    );
    assert_eq!(narrowed["allowed"], Value::Null);
    assert_eq!(
        (&narrowed["places"][0]["side"], &narrowed["places"][0]["line"]),
        (&json!("new"), &json!(7))
    );
    assert_eq!(
        (&findings[1]["places"][0]["side"], &findings[1]["places"][0]["line"]),
        (&json!("old"), &json!(7))
    );
    assert_eq!(
        (&findings[2]["places"][0]["kind"], &findings[2]["places"][0]["line"]),
        (&json!("project"), &json!(3))
    );
    assert_eq!(
        findings[4]["allowed"],
        json!({"reason": "nobody writes so much", "until": "2027-01-31"})
    );
}

/// A program that read the reports before there was an allow-list reads them still.
#[test]
fn json_of_a_lint_run_without_a_project_is_what_it_was() {
    let sample = Sample::new();
    let report = Report { allowed: &[], allow_list: None, ..sample.lint() };
    let report: Value = serde_json::from_str(&render(Format::Json, &report, layout())).unwrap();
    let names = |value: &Value| -> Vec<String> {
        let mut names: Vec<_> = value.as_object().unwrap().keys().cloned().collect();
        names.sort();
        names
    };
    assert_eq!(
        names(&report["findings"][0]),
        [
            "confidence", "fingerprint", "fixable", "help", "message", "places", "pointer", "rule",
            "severity", "tool", "tools"
        ]
    );
    assert_eq!(
        names(&report["findings"][0]["places"][0]),
        ["column", "fingerprint", "fix", "kind", "line", "name", "note", "pointer"]
    );
    assert!(report["summary"].get("allowed").is_none());
}

#[test]
fn sarif_of_a_comparison() {
    let text = render(Format::Sarif, &Sample::new().diff(), layout());
    let log: Value = serde_json::from_str(&text).unwrap();
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 6, "one for each place");
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(result["partialFingerprints"]["mcpKitFinding/v1"].is_string());
    }
    let narrowed = &results[0];
    assert_eq!(
        narrowed["locations"][0],
        json!({
            "physicalLocation": {
                "artifactLocation": {"uri": "contract.json", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 7, "startColumn": 25}
            },
            "logicalLocations": [{
                "name": "move_deal", "fullyQualifiedName": "move_deal.input.stage",
                "kind": "function"
            }]
        })
    );
    let before = &narrowed["relatedLocations"][0];
    assert_eq!(before["physicalLocation"]["artifactLocation"]["uri"], "contract.json");
    assert!(before["physicalLocation"].get("region").is_none(), "another revision's line");
    let stale = results.iter().find(|result| result["ruleId"] == "allow/stale").unwrap();
    let at = &stale["locations"][0]["physicalLocation"];
    assert_eq!(at["artifactLocation"]["uri"], "mcp-kit.toml");
    assert_eq!(at["region"]["startLine"], 3);
    assert_eq!(
        results[5]["suppressions"],
        json!([{
            "kind": "external", "status": "accepted", "justification": "nobody writes so much",
            "properties": {"until": "2027-01-31"}
        }])
    );
}

#[test]
fn sarif_of_a_running_server_has_logical_locations() {
    let mut sample = Sample::new();
    sample.origins[1].transport = Transport::Stdio(Era::Modern);
    let log: Value =
        serde_json::from_str(&render(Format::Sarif, &sample.lint(), layout())).unwrap();
    let location = &log["runs"][0]["results"][0]["locations"][0];
    assert!(location.get("physicalLocation").is_none(), "{location}");
    assert_eq!(location["logicalLocations"][0]["name"], "move_deal");
}

#[test]
fn hostile_text_is_harmless_in_every_format() {
    let evil = "a\u{202e}\u{1b}[2J<img src=x>@you ]]> ```\r\n::error::x%0A|\u{ffff}";
    let mut sample = Sample::new();
    sample.open.truncate(1);
    let finding = &mut sample.open[0];
    finding.message = evil.to_owned();
    finding.help = evil.to_owned();
    finding.places[0].subject = Subject::Tool(evil.to_owned());
    finding.places[0].note = Some(evil.to_owned());
    finding.places[0].witness = call(json!({evil: evil}));
    sample.allowed[0].reason = evil.to_owned();
    sample.allowed[0].finding.message = evil.to_owned();
    for (format, report) in
        Format::ALL.iter().flat_map(|format| [(*format, sample.diff()), (*format, sample.lint())])
    {
        let text = render(format, &report, layout());
        let text = if format == Format::Text { plain(&text) } else { text };
        let raw = ['\u{202e}', '\u{1b}', '\r'];
        assert!(!text.contains(raw), "{format:?}: {text:?}");
        match format {
            Format::Junit => {
                assert!(!text.contains("<img") && !text.contains('\u{ffff}'), "{text}");
            }
            Format::Github => assert_eq!(text.lines().count(), 1, "{text}"),
            Format::Html => assert!(!text.contains("<img"), "{text}"),
            Format::Jsonl => assert_eq!(text.lines().count(), 3, "{text}"),
            Format::Markdown => {
                let outside: String = text.split("````").step_by(2).collect();
                assert!(!outside.contains("<img") && !outside.contains("@you"), "{text}");
            }
            _ => {}
        }
    }
}
