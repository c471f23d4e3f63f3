use super::*;
use crate::engine::{
    finding::{Applied, Confidence, Finding, Place, Side, Subject, allow::Judged, baseline},
    protocol::pointer::Pointer,
    rule::{self, client::Client, page},
};

/// The error of a file, as it is shown: place, message and help.
fn refused(text: &str) -> String {
    let error = read(text).expect_err(text);
    let Position { line, column } = error.position;
    let help = error.help.map(|help| format!("\n  {help}")).unwrap_or_default();
    format!("{line}:{column}: {}{help}", error.message)
}

#[test]
fn an_empty_file_decides_nothing() {
    assert_eq!(read("").unwrap(), Config::default());
    assert_eq!(read("format = \"mcp-kit.config/1\"\n[lint]\n[diff]\n").unwrap(), Config::default());
    assert_eq!(Config::default().contract.path, "contract.json");
}

#[test]
fn every_section_is_read() {
    let config = read(
        r#"
        [lint]
        profile = "strict"
        targets = ["openai-strict", "cursor"]
        select = ["schema/bad-regex"]
        ignore = ["schema", "name/"]
        fail_on = "warning"
        extends = "../shared.toml"
        baseline = "baseline.json"
        max_tools = 9
        vendors = ["acme"]
        domain = "crm"

        [diff]
        fail_on = "any"
        strict = true
        assert_formats = false

        [contract]
        path = "api/contract.json"
        [[contract.audience]]
        name = "admin"
        path = "api/admin.json"

        [deprecation]
        window_days = 90
        releases = 2
        meta = { deprecated = "deprecated", replacement = "replacement" }

        [severity]
        "name/too-long" = "error"
        "desc/missing" = "off"

        [tools.new_one]
        stability = "experimental"
        ignore = ["desc/", "name/too-long"]
        severity = { "schema/bad-regex" = "info" }
        [tools."with.dots"]
        stability = "stable"

        [[allow]]
        rule = "name/too-long"
        tool = "a_tool"
        pointer = "/inputSchema"
        fingerprint = "0123456789abcdef"
        reason = " the client is ours "
        until = 2027-01-31
        [[allow]]
        rule = "desc/missing"
        reason = "generated"
        until = "2027-01-31"
        "#,
    )
    .unwrap();
    let lint = &config.lint;
    assert_eq!((lint.profile, lint.fail_on), (Some(Profile::Strict), Some(Severity::Warning)));
    assert_eq!((lint.select.len(), lint.ignore.len()), (1, 2));
    assert_eq!(lint.targets, [Client::OpenAiStrict, Client::Cursor]);
    let extends = lint.extends.as_ref().unwrap();
    assert_eq!((extends.path.as_str(), extends.position.line), ("../shared.toml", 8));
    let settings = config.settings();
    assert_eq!((settings.max_tools, settings.max_tokens), (9, 2_000));
    assert_eq!(
        (settings.vendors, settings.domain.as_deref()),
        (vec!["acme".to_owned()], Some("crm"))
    );
    assert_eq!(lint.baseline.as_deref(), Some("baseline.json"));
    let adjustment = config.adjustment("new_one").unwrap();
    assert_eq!(adjustment.ignore, ["desc/", "name/too-long"]);
    assert_eq!(adjustment.severities["schema/bad-regex"], Some(Severity::Info));
    let diff = &config.diff;
    assert_eq!(diff.fail_on, Some(Severity::Info));
    assert_eq!((diff.strict, diff.assert_formats), (Some(true), Some(false)));
    assert_eq!(config.contract.path, "api/contract.json");
    let admin = Audience { name: "admin".into(), path: "api/admin.json".into() };
    assert_eq!(config.contract.audiences, [admin]);
    let deprecation = &config.deprecation;
    assert_eq!((deprecation.window_days, deprecation.releases), (Some(90), Some(2)));
    assert_eq!(deprecation.meta.replacement.as_deref(), Some("replacement"));
    assert_eq!(config.severities["name/too-long"], Some(Severity::Error));
    assert!(config.is_off("desc/missing") && !config.is_off("name/too-long"));
    assert_eq!(config.experimental_tools(), BTreeSet::from(["new_one".to_owned()]));
    let allow = &config.allow[0];
    assert_eq!(allow.reason, "the client is ours");
    assert_eq!(allow.pointer, Some(Pointer::from("/inputSchema")));
    assert_eq!(allow.until, config.allow[1].until);
    assert_eq!(allow.position, Position { line: 41, column: 9 });
}

#[test]
fn a_key_that_nobody_knows_is_an_error_that_names_the_nearest() {
    insta::assert_snapshot!(refused("[lnt]\n"), @"
    1:2: there is no section `lnt`
      did you mean `lint`? there are `format`, `lint`, `diff`, `contract`, `deprecation` and 5 more
    ");
    insta::assert_snapshot!(refused("[lint]\nprofil = \"spec\"\n"), @"
    2:1: `[lint]` has no key `profil`
      did you mean `profile`? there are `extends`, `profile`, `targets`, `select`, `ignore` and 7 more
    ");
    insta::assert_snapshot!(refused("[deprecation.meta]\nkey = \"x\"\n"), @"
    2:1: `[deprecation.meta]` has no key `key`
      there are `deprecated`, `since`, `sunset` and `replacement`
    ");
    insta::assert_snapshot!(refused("[tools.x]\nstabilty = \"stable\"\n"), @"
    2:1: `[tools.x]` has no key `stabilty`
      did you mean `stability`? there are `stability`, `ignore` and `severity`
    ");
}

#[test]
fn a_wrong_type_is_an_error_that_says_what_it_should_be() {
    insta::assert_snapshot!(refused("lint = 3"), @"1:8: `lint` is a number, not a table");
    insta::assert_snapshot!(refused("[lint]\nselect = \"schema\""), @"2:10: `select` of `[lint]` is not a list of texts");
    insta::assert_snapshot!(refused("[lint]\nselect = [1]"), @"2:10: `select` of `[lint]` is not a list of texts");
    insta::assert_snapshot!(refused("[diff]\nstrict = \"yes\""), @"2:10: `strict` of `[diff]` is a text, not true or false");
    insta::assert_snapshot!(refused("[deprecation]\nwindow_days = -1"), @"
    2:15: `window_days` of `[deprecation]` is -1
      give a number from 0 to 4294967295
    ");
    insta::assert_snapshot!(refused("[allow]\nrule = \"x\""), @"1:1: `allow` is not a list of tables");
    insta::assert_snapshot!(refused("allow = [1]"), @"1:9: `allow` is not a list of tables");
}

#[test]
fn words_outside_a_closed_set_are_errors() {
    insta::assert_snapshot!(refused("[lint]\nprofile = \"strikt\""), @"
    2:11: `profile` of `[lint]` cannot be `strikt`
      did you mean `strict`? there are `spec`, `recommended` and `strict`
    ");
    insta::assert_snapshot!(refused("[lint]\nignore = [\"schema/root-not-objekt\"]"), @"
    2:11: there is no rule or group `schema/root-not-objekt`
      did you mean `schema/root-not-object`? `mcp-kit explain --list` shows them all
    ");
    insta::assert_snapshot!(refused("[tools.x]\nignore = [\"desc/mising\"]"), @"
    2:11: there is no rule or group `desc/mising`
      did you mean `desc/missing`? `mcp-kit explain --list` shows them all
    ");
    insta::assert_snapshot!(refused("[lint]\nvendors = [\"-\"]"), @"2:12: `-` of `vendors` is no word");
    insta::assert_snapshot!(refused("[severity]\n\"desc/mising\" = \"off\""), @"
    2:1: there is no rule `desc/mising`
      did you mean `desc/missing`? `mcp-kit explain --list` shows them all
    ");
    insta::assert_snapshot!(refused("[severity]\nsurface = \"off\""), @"
    2:1: `surface` is a group, and one rule is asked for here
      name one of its rules; `mcp-kit explain --list` shows them all
    ");
    insta::assert_snapshot!(refused("[severity]\n\"desc/missing\" = \"fatal\""), @"
    2:18: `desc/missing` of `[severity]` cannot be `fatal`
      there are `error`, `warning`, `info` and `off`
    ");
    insta::assert_snapshot!(refused("format = \"mcp-kit.config/2\""), @"
    1:10: the file's format is `mcp-kit.config/2`; this version reads `mcp-kit.config/1`
      a newer mcp-kit may read it; without `format` the file is taken to be of the oldest format that there is
    ");
    insta::assert_snapshot!(refused("[lint]\nselect = [\"name\"]\nignore = [\"name\"]"), @"
    3:11: `name` is both selected and ignored
      keep one of the two
    ");
    insta::assert_snapshot!(refused("x = \n"), @"
    1:5: string values must be quoted, expected literal string
      the file is TOML, see https://toml.io
    ");
}

#[test]
fn an_allow_entry_says_why_and_for_breaks_how_long() {
    insta::assert_snapshot!(refused("\n[[allow]]\nrule = \"desc/missing\""), @"
    2:1: `[[allow]]` has no `reason`
      say why it is lived with: whoever reads the entry in a year has nothing else to go by
    ");
    insta::assert_snapshot!(refused("[[allow]]\nrule = \"desc/missing\"\nreason = \" \""), @"3:10: `reason` of `[[allow]]` is empty");
    insta::assert_snapshot!(refused("[[allow]]\nrule = \"breaking/x\"\nreason = \"y\""), @"
    1:1: `[[allow]]` has no `until`
      a break is accepted for a time: give the last day as until = YYYY-MM-DD
    ");
    insta::assert_snapshot!(refused("[[allow]]\nrule = \"desc/missing\"\nreason = \"y\"\nuntil = \"2026-02-29\""), @"
    4:9: `until` of `[[allow]]` is `2026-02-29`, which is no date
      write the day as YYYY-MM-DD
    ");
    insta::assert_snapshot!(refused("[[allow]]\nrule = \"desc/missing\"\nreason = \"y\"\nuntil = 2026-02-01T10:00:00Z"), @"
    4:9: `until` of `[[allow]]` is `2026-02-01T10:00:00Z`, which is no date
      write the day as YYYY-MM-DD
    ");
    insta::assert_snapshot!(refused("[[allow]]\nrule = \"desc/missing\"\nreason = \"y\"\npointer = \"inputSchema\""), @"
    4:11: `pointer` of `[[allow]]` is `inputSchema`, which is no JSON Pointer
      give the place inside the tool, for example /inputSchema/properties/limit
    ");
}

/// The pages of the group `allow` show entries; here they meet a finding of `name/too-long`.
#[test]
fn every_example_of_the_allow_rules_does_what_its_page_says() {
    let found = |tool: &str| {
        let (subject, fingerprint) =
            (Subject::Tool(tool.to_owned()), "0123456789abcdef".to_owned());
        Place::new(subject, Side::New, Pointer::from("/tools/0"), Pointer::root(), fingerprint)
    };
    let finding = Finding {
        rule: "name/too-long",
        severity: Severity::Warning,
        confidence: Confidence::High,
        message: "the name is too long".to_owned(),
        help: "shorten it".to_owned(),
        places: vec![found("a_tool_that_is_there")],
    };
    let today = "2026-11-22".parse().unwrap();
    let applied = Applied::of(rule::all().map(|rule| rule.id));
    let mut played = 0;
    for rule in rule::allow::rules() {
        for example in page::examples(rule.documentation) {
            let found = vec![finding.clone()];
            let judged = if example.language == "json" {
                let baseline = baseline::read(example.code.as_bytes()).unwrap();
                let judged = Judged { open: found, ..Judged::default() };
                rule::allow::apply_baseline(judged, &baseline, "baseline.json", &applied)
            } else {
                let entries = read(example.code).unwrap().allow;
                rule::allow::apply(found, &entries, today, &applied)
            };
            let is_found = judged.open.iter().any(|it| it.rule == rule.id);
            assert_eq!(is_found, example.is_bad, "{}\n{}", rule.id, example.code);
            played += 1;
        }
        let sections = ["Why", "Bad", "Good", "References"];
        let is_there = |heading: &&str| page::section(rule.documentation, heading).is_some();
        assert!(sections.iter().all(is_there) && rule.summary().ends_with('.'), "{}", rule.id);
    }
    assert_eq!(played, 6);
}
