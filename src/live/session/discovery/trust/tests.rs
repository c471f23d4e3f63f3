//! Trust is given once, for one launch of one file.

use super::{super::tests::World, *};

fn world(args: &str) -> World {
    World::new().with("project/.mcp.json", &config(args))
}

fn config(args: &str) -> String {
    format!(r#"{{"mcpServers": {{"crm": {{"command": "x", "args": [{args}]}}}}}}"#)
}

#[test]
fn trust_lasts_until_the_launch_changes() {
    let world = world(r#""a""#);
    let path = world.surroundings.trust_file().unwrap();
    let mut store = TrustStore::open(&path).unwrap();
    assert!(!store.is_trusted(&world.entry()));
    store.trust(&world.entry()).unwrap();
    assert!(store.is_trusted(&world.entry()));
    assert_eq!(TrustStore::open(&path).unwrap(), store);

    // Another place in the file is no change, another argument is.
    let world = world.with("project/.mcp.json", &format!("\n\n{}", config(r#""a""#)));
    assert!(store.is_trusted(&world.entry()));
    let world = world.with("project/.mcp.json", &config(r#""b""#));
    assert!(!store.is_trusted(&world.entry()));
}

#[test]
fn the_same_launch_under_another_name_needs_no_second_word() {
    let text =
        r#"{"mcpServers": {"a": {"command": "x"}, "b": {"command": "x"}, "c": {"command": "y"}}}"#;
    let world = World::new().with("project/.mcp.json", text);
    let entries = super::super::discover(&world.surroundings).entries;
    let mut store = TrustStore::open(&world.surroundings.trust_file().unwrap()).unwrap();
    store.trust(&entries[0]).unwrap();
    let trusted: Vec<bool> = entries.iter().map(|entry| store.is_trusted(entry)).collect();
    assert_eq!(trusted, [true, true, false]);
    assert!(is_same_launch(&entries[0], &entries[1]) && !is_same_launch(&entries[1], &entries[2]));
}

#[test]
fn every_part_of_a_launch_counts() {
    let server = |more: &str| {
        let text = format!(r#"{{"servers": {{"a": {{"command": "x"{more}}}}}}}"#);
        digest(&World::new().with("project/mcp.json", &text).entry().launch)
    };
    let digests = [
        "",
        r#", "args": ["a", "b"]"#,
        r#", "args": ["a b"]"#,
        r#", "env": {"A": "b"}"#,
        r#", "envFile": "e""#,
        r#", "cwd": "e""#,
    ]
    .map(server);
    assert_eq!(digests.iter().collect::<BTreeSet<_>>().len(), digests.len());
    assert_eq!(digests[0], server(r#", "type": "stdio", "disabled": true"#));
}

#[test]
fn the_same_launch_in_another_project_is_not_trusted() {
    let (one, other) = (world(""), world(""));
    let mut store = TrustStore::open(&one.surroundings.trust_file().unwrap()).unwrap();
    store.trust(&one.entry()).unwrap();
    assert!(!store.is_trusted(&other.entry()));
}

#[test]
fn what_starts_nothing_or_is_the_users_own_needs_no_trust() {
    let url = r#"{"mcpServers": {"a": {"url": "https://x"}}}"#;
    let stdio = r#"{"mcpServers": {"a": {"command": "x"}}}"#;
    for (file, text) in [("project/.mcp.json", url), (".cursor/mcp.json", stdio)] {
        let world = World::new().with(file, text);
        let path = world.surroundings.trust_file().unwrap();
        let mut store = TrustStore::open(&path).unwrap();
        assert!(store.is_trusted(&world.entry()));
        store.trust(&world.entry()).unwrap();
        assert!(!path.exists());
    }
}

#[test]
fn two_runs_keep_each_others_answers() {
    let (one, other) = (world(r#""a""#), world(r#""b""#));
    let path = one.surroundings.trust_file().unwrap();
    let mut first = TrustStore::open(&path).unwrap();
    let mut second = TrustStore::open(&path).unwrap();
    first.trust(&one.entry()).unwrap();
    second.trust(&other.entry()).unwrap();
    let store = TrustStore::open(&path).unwrap();
    assert!(store.is_trusted(&one.entry()) && store.is_trusted(&other.entry()));
}

#[test]
fn a_file_that_is_not_ours_is_refused_and_kept() {
    for (text, message) in [
        ("", "is not a list of trusted servers: EOF while parsing a value at line 1 column 0"),
        ("{}", "is not a list of trusted servers: it has no `format`"),
        (
            r#"{"format": "mcp-kit.trusted/1"}"#,
            "is not a list of trusted servers: missing field `trusted`",
        ),
        (
            r#"{"format": "mcp-kit.trusted/2", "other": 1}"#,
            "has the format `mcp-kit.trusted/2`, which this version does not know",
        ),
    ] {
        let world = world("").with(".local/state/mcp-kit/trusted.json", text);
        let path = world.surroundings.trust_file().unwrap();
        let error = TrustStore::open(&path).unwrap_err();
        assert_eq!(error.to_string(), format!("{} {message}", path.display()));
        assert!(!error.help().is_empty());
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[cfg(unix)]
#[test]
fn the_file_is_private_and_a_pipe_is_not_read() {
    use std::os::unix::fs::PermissionsExt;
    let world = world("");
    let path = world.surroundings.trust_file().unwrap();
    TrustStore::open(&path).unwrap().trust(&world.entry()).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let names: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
    assert_eq!(names.len(), 1, "no temporary file is left");
    assert!(matches!(TrustStore::open(Path::new("/dev/null")), Err(TrustError::Read { .. })));
}
