//! The server table that nearly all clients share: `command`, `args`, `env`, or `url`, `headers`.
//!
//! The differences are spelling: Windsurf writes `serverUrl` and Gemini CLI `httpUrl` for `url`, and
//! the kind stands under `type` or `transport` or is left to be seen.

use super::{
    super::{
        entry::{Launch, Unexpanded},
        syntax::Node,
    },
    Fault, Server, field,
};

/// Which of the two kinds of server an entry says it is.
enum Kind {
    Stdio,
    Http,
    Sse,
}

/// Reads a server that must name a command or a URL.
pub(super) fn read(server: &Node) -> Result<Option<Server>, Fault> {
    field::check_table(server)?;
    let command = field::string(server, &["command"])?;
    let url = field::string(server, &["url", "serverUrl", "httpUrl"])?;
    let launch = match (read_kind(server)?, command, url) {
        (Some(Kind::Stdio) | None, Some(command), _) => read_command(server, command)?,
        (Some(Kind::Http) | None, _, Some(url)) => read_url(server, url, false)?,
        (Some(Kind::Sse), _, Some(url)) => read_url(server, url, true)?,
        (kind, ..) => {
            let message = match kind {
                None => "neither `command` nor `url` is given",
                Some(Kind::Stdio) => "`command` is missing",
                Some(Kind::Http | Kind::Sse) => "`url` is missing",
            };
            return Err(Fault { position: server.position, message: message.to_owned() });
        }
    };
    let protocol_era = field::string(server, &["protocolEra"])?.map(|era| era.text);
    Ok(Some(Server { launch, disabled: field::is_disabled(server)?, protocol_era }))
}

/// Reads a server where one without command and URL is the settings of an extension (Zed).
pub(super) fn read_if_complete(server: &Node) -> Result<Option<Server>, Fault> {
    let is_complete = ["command", "url"].iter().any(|key| server.get(key).is_some());
    if is_complete || server.members().is_empty() { read(server) } else { Ok(None) }
}

fn read_kind(server: &Node) -> Result<Option<Kind>, Fault> {
    let Some(kind) = field::string(server, &["type", "transport"])? else { return Ok(None) };
    // Case and separators vary: `streamable-http`, `streamableHttp`, `streamable_http`.
    let spelling = kind.text.to_ascii_lowercase().replace(['-', '_'], "");
    match spelling.as_str() {
        "stdio" | "local" => Ok(Some(Kind::Stdio)),
        "http" | "streamablehttp" | "remote" => Ok(Some(Kind::Http)),
        "sse" => Ok(Some(Kind::Sse)),
        _ => Err(Fault {
            position: kind.position,
            message: format!("`{}` is no transport; there are stdio, http and sse", kind.text),
        }),
    }
}

fn read_command(server: &Node, command: Unexpanded) -> Result<Launch, Fault> {
    Ok(Launch::Stdio {
        command,
        args: field::strings(server, "args")?,
        env: field::pairs(server, "env")?,
        pass_env: Vec::new(),
        env_file: field::string(server, &["envFile"])?,
        cwd: field::string(server, &["cwd"])?,
    })
}

fn read_url(server: &Node, url: Unexpanded, sse: bool) -> Result<Launch, Fault> {
    Ok(Launch::Http { url, headers: field::pairs(server, "headers")?, sse })
}
