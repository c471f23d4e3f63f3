//! Every shape of every client.

use super::*;

#[track_caller]
fn check(file: &str, text: &str, expected: &[&str]) {
    assert_eq!(World::new().with(file, text).show(), expected);
}

#[test]
fn servers_shared_by_most_clients_with_comments_and_trailing_commas() {
    check(
        "project/.mcp.json",
        r#"{ // for the whole team
  "mcpServers": {
    "crm": {
      "type": "stdio", "command": "node", "args": ["a.js", "--x",],
      "env": {"TOKEN": "${TOKEN}", "PORT": 80, "OFF": null}, "cwd": "sub",
    },
    "web": {"type": "http", "url": "https://x/mcp", "headers": {"A": "b"}},
    /* old */ "events": {"type": "sse", "url": "https://x/sse", "disabled": true},
  },
}"#,
        &[
            "crm ~/project/.mcp.json:3:5 Claude Code project: \
             node a.js --x TOKEN=${TOKEN} PORT=80 in:sub",
            "web ~/project/.mcp.json:7:5 Claude Code project: https://x/mcp A=b",
            "events ~/project/.mcp.json:8:15 Claude Code project: https://x/sse sse (disabled)",
        ],
    );
}

#[test]
fn spellings_of_the_url_and_the_transport() {
    check(
        "project/mcp.json",
        r#"{"mcpServers": {
"a": {"serverUrl": "https://a"},
"b": {"httpUrl": "https://b"},
"c": {"transport": "streamable_http", "url": "https://c"},
"d": {"type": "streamableHttp", "url": "https://d", "command": "node"}
}}"#,
        &[
            "a ~/project/mcp.json:2:1 any client project: https://a",
            "b ~/project/mcp.json:3:1 any client project: https://b",
            "c ~/project/mcp.json:4:1 any client project: https://c",
            "d ~/project/mcp.json:5:1 any client project: https://d",
        ],
    );
}

#[test]
fn vs_code_servers_and_inputs() {
    let text = r#"{
  "inputs": [
    {"type": "promptString", "id": "key", "description": "API key", "password": true},
    {"type": "promptString"},
  ],
  "servers": {"crm": {"command": "node", "envFile": "${workspaceFolder}/.env"}},
}"#;
    let world = World::new().with("project/.vscode/mcp.json", text);
    assert_eq!(
        world.show(),
        [
            "crm ~/project/.vscode/mcp.json:6:15 VS Code project: \
             node file:${workspaceFolder}/.env",
            "~/project/.vscode/mcp.json:4:5: an input without an `id`",
        ]
    );
    let entry = world.discover().entries.remove(0);
    assert_eq!(entry.source.folder, world.path("project"));
    let input = &entry.inputs[0];
    assert_eq!((input.id.as_str(), input.password), ("key", true));
    assert_eq!(input.description.as_deref(), Some("API key"));
}

#[test]
fn our_own_file() {
    check(
        "project/mcp-kit.toml",
        "[lint]\nselect = []\n\n[servers.crm]\ncommand = \"cargo\"\nargs = [\"run\"]\n\
         env = { A = \"b\" }\n[servers]\nweb = { url = \"https://x\" }\n",
        &[
            "crm ~/project/mcp-kit.toml:4:10 mcp-kit project: cargo run A=b",
            "web ~/project/mcp-kit.toml:9:1 mcp-kit project: https://x",
        ],
    );
}

#[test]
fn codex_names_variables_in_keys() {
    check(
        ".codex/config.toml",
        r#"model = "x"
[mcp_servers.crm]
command = "npx"
args = ["-y", "crm"]
env_vars = ["TOKEN", { name = "KEY", source = "local" }]
enabled = false
[mcp_servers.crm.env]
A = "b"
[mcp_servers.web]
url = "https://x"
bearer_token_env_var = "TOKEN"
http_headers = { X = "y" }
env_http_headers = { Z = "ZED" }
"#,
        &[
            "crm ~/.codex/config.toml:2:14 Codex user: npx -y crm A=b pass:TOKEN pass:KEY (disabled)",
            "web ~/.codex/config.toml:9:14 Codex user: \
             https://x X=y Z=${env:ZED} Authorization=Bearer ${env:TOKEN}",
        ],
    );
}

#[test]
fn goose_extensions() {
    check(
        ".config/goose/config.yaml",
        "GOOSE_MODE: auto\nextensions:\n  developer:\n    type: builtin\n    enabled: true\n  \
         crm:\n    enabled: false\n    type: stdio\n    cmd: uvx\n    args: [crm, '8080']\n    \
         envs:\n      A: 1\n    env_keys:\n    - TOKEN\n  web:\n    type: streamable_http\n    \
         uri: https://x\n    headers:\n      B: c\n",
        &[
            "crm ~/.config/goose/config.yaml:6:3 Goose user: \
             uvx crm 8080 A=1 TOKEN=${env:TOKEN} (disabled)",
            "web ~/.config/goose/config.yaml:15:3 Goose user: https://x B=c",
        ],
    );
}

#[test]
fn inspector_keys_and_zed() {
    let text = r#"{"mcpServers": {"crm": {"command": "a", "protocolEra": "modern", "roots": []}}}"#;
    let world = World::new().with(".mcp-inspector/mcp.json", text);
    assert_eq!(world.entry().protocol_era.as_deref(), Some("modern"));
    check(
        ".config/zed/settings.json",
        r#"{"inputs": 1, "context_servers": {"ext": {"settings": {}}, "crm": {"command": "a"}}}"#,
        &["crm ~/.config/zed/settings.json:1:60 Zed user: a"],
    );
}

#[test]
fn claude_code_keeps_servers_per_folder() {
    let world = World::new();
    let project = world.path("project").to_str().unwrap().to_owned();
    let other = world.path("other").to_str().unwrap().to_owned();
    let text = format!(
        "{{\"mcpServers\": {{\"crm\": {{\"command\": \"everywhere\"}}}},\n\
         \"projects\": {{\n\"{other}\": {{\"mcpServers\": {{\"x\": {{\"command\": \"no\"}}}}}},\n\
         \"{project}\": {{\"mcpServers\": {{\n\"crm\": {{\"command\": \"here\"}}}}}}}}}}"
    );
    let mut world = world.with(".claude.json", &text);
    // Also from a folder inside the project.
    world.surroundings.directory = world.path("project/src/deep");
    assert_eq!(
        world.show(),
        [
            "crm ~/.claude.json:5:1 Claude Code user: here",
            "crm ~/.claude.json:1:17 Claude Code user: everywhere (shadowed)",
        ]
    );
    assert!(!world.discover().find(Some("crm")).unwrap().needs_trust());
}
