//! `[mcp_servers.x]` of Codex, which names variables in keys of their own instead of in text.

use super::{
    super::{
        entry::Launch,
        syntax::{Node, Value},
    },
    Fault, Server, field,
};

pub(super) fn read(server: &Node) -> Result<Option<Server>, Fault> {
    field::check_table(server)?;
    let command = field::string(server, &["command"])?;
    let url = field::string(server, &["url"])?;
    let launch = match (command, url) {
        (Some(command), _) => Launch::Stdio {
            command,
            args: field::strings(server, "args")?,
            env: field::pairs(server, "env")?,
            pass_env: read_env_vars(server)?,
            env_file: None,
            cwd: field::string(server, &["cwd"])?,
        },
        (None, Some(url)) => {
            let mut headers = field::pairs(server, "http_headers")?;
            for (header, variable) in field::pairs(server, "env_http_headers")? {
                headers.push((header, field::variable(&variable, "")));
            }
            if let Some(variable) = field::string(server, &["bearer_token_env_var"])? {
                headers.push(("Authorization".to_owned(), field::variable(&variable, "Bearer ")));
            }
            Launch::Http { url, headers, sse: false }
        }
        (None, None) => {
            let message = "neither `command` nor `url` is given".to_owned();
            return Err(Fault { position: server.position, message });
        }
    };
    Ok(Some(Server { launch, disabled: field::is_disabled(server)?, protocol_era: None }))
}

/// The variables that are handed on where they are set; their absence is no error for Codex. Each
/// is a name, or a table with a `name`.
fn read_env_vars(server: &Node) -> Result<Vec<String>, Fault> {
    let Some(node) = server.get("env_vars") else { return Ok(Vec::new()) };
    let Value::List(items) = &node.value else {
        return Err(field::mismatch("env_vars", node, "a list of names"));
    };
    let name = |item: &Node| match &item.get("name").unwrap_or(item).value {
        Value::String(name) => Ok(name.clone()),
        _ => Err(field::mismatch("env_vars", item, "a list of names")),
    };
    items.iter().map(name).collect()
}
