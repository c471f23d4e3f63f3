//! Expanding entries of real files.

use super::{super::tests::World, *};

fn world(server: &str) -> World {
    let text = format!(
        "{{\"servers\": {{\n\"crm\": {server}}},\n\"inputs\": [\
        {{\"id\": \"key\", \"description\": \"API key\"}}, {{\"id\": \"port\", \"default\": \"80\"}}]}}"
    );
    World::new().with("project/.vscode/mcp.json", &text).with_variable("TOKEN", "t${HOME}")
}

fn expand_in(world: &World, inputs: &[(&str, &str)]) -> Result<Expanded, ExpandError> {
    let inputs = inputs.iter().map(|(id, value)| ((*id).to_owned(), (*value).to_owned())).collect();
    expand(&world.entry(), &world.surroundings, &inputs)
}

#[test]
fn a_command_with_everything() {
    let world = world(
        r#"{"command": "${userHome}/bin/x", "args": ["--p=${input:port}", "${env:TOKEN}", "$TOKEN"],
           "env": {"A": "${NONE:-d e}", "B": "${input:key}"}, "envFile": ".env",
           "cwd": "${workspaceFolder}/sub"}"#,
    );
    let Expanded::Stdio { command, args, env, env_file, cwd } =
        expand_in(&world, &[("key", "k")]).unwrap()
    else {
        panic!("not a command")
    };
    assert_eq!(PathBuf::from(command), world.path("bin/x"));
    // What is put in is not expanded again.
    assert_eq!(args, ["--p=80", "t${HOME}", "$TOKEN"]);
    let env: Vec<_> = env.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(env, ["A=d e", "B=k"]);
    assert_eq!(env_file, Some(world.path("project/.env")));
    assert_eq!(cwd, world.path("project/sub"));
}

#[test]
fn a_url_with_headers() {
    let world = world(
        r#"{"url": "https://x/${workspaceFolderBasename}", "headers": {"A": "Bearer ${TOKEN}"}}"#,
    );
    let expected = Expanded::Http {
        url: "https://x/project".to_owned(),
        headers: vec![("A".to_owned(), "Bearer t${HOME}".to_owned())],
        sse: false,
    };
    assert_eq!(expand_in(&world, &[]), Ok(expected));
}

#[test]
fn what_is_missing_is_named_with_its_place() {
    for (server, message, help) in [
        (
            r#"{"command": "x", "args": ["a", "${NONE}"]}"#,
            "2:39: server `crm`: environment variable `NONE` is not set",
            "set NONE, or write `${NONE:-default}` in the file",
        ),
        (
            r#"{"command": "${input:key}"}"#,
            "2:20: server `crm`: no value is given for the input `key` (\"API key\")",
            "give it with `--input key=VALUE`",
        ),
        (
            r#"{"command": "${input:other}"}"#,
            "2:20: server `crm`: no value is given for the input `other`",
            "give it with `--input other=VALUE`",
        ),
        (
            r#"{"command": "${command:pick}"}"#,
            "2:20: server `crm`: `${command:pick}` is not supported",
            "use `${NAME}`, `${env:NAME}`, `${input:ID}`, `${workspaceFolder}` or `${userHome}`",
        ),
        (
            r#"{"command": "${A:-${B}}"}"#,
            "2:20: server `crm`: the default of `A` contains another variable",
            "set A, or write a default without a variable",
        ),
        (
            r#"{"url": "${NONE:-ftp}://x"}"#,
            "2:16: server `crm`: `ftp` is not a scheme mcp-kit can reach",
            "use an http:// or https:// URL; for a file give its path without a scheme",
        ),
    ] {
        let world = world(server);
        let error = expand_in(&world, &[]).unwrap_err();
        let expected = format!("~/project/.vscode/mcp.json:{message}");
        assert_eq!(world.shorten(&error.to_string()), expected);
        assert_eq!(error.help(), help);
    }
}

#[test]
fn codex_hands_on_what_is_set_and_needs_its_token() {
    let text = "[mcp_servers.a]\ncommand = \"x\"\nenv_vars = [\"TOKEN\", \"NONE\"]\n";
    let world = World::new().with(".codex/config.toml", text).with_variable("TOKEN", "t");
    let Ok(Expanded::Stdio { env, cwd, .. }) = expand_in(&world, &[]) else { panic!("no command") };
    assert_eq!(env, BTreeMap::from([("TOKEN".to_owned(), "t".to_owned())]));
    assert_eq!(cwd, world.path("project"));
    let text = "[mcp_servers.a]\nurl = \"https://x\"\nbearer_token_env_var = \"NONE\"\n";
    let world = World::new().with(".codex/config.toml", text);
    let error = expand_in(&world, &[]).unwrap_err();
    assert_eq!((error.position.line, error.position.column), (3, 24));
}

#[test]
fn gemini_writes_variables_without_braces() {
    let text = r#"{"mcpServers": {"a": {"command": "x", "env": {"K": "$TOKEN"}}}}"#;
    let world = World::new().with(".gemini/settings.json", text).with_variable("TOKEN", "t");
    let Ok(Expanded::Stdio { env, .. }) = expand_in(&world, &[]) else { panic!("no command") };
    assert_eq!(env["K"], "t");
}
