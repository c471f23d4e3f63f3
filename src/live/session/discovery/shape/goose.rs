//! `extensions` of Goose's `config.yaml`.
//!
//! Only `stdio`, `streamable_http` and `sse` are servers; the other types (`builtin`, `platform`,
//! `frontend`, `inline_python`) are parts of Goose itself and are passed over.

use super::{
    super::{
        entry::Launch,
        syntax::{Node, Value},
    },
    Fault, Server, field,
};

pub(super) fn read(extension: &Node) -> Result<Option<Server>, Fault> {
    field::check_table(extension)?;
    let kind = match extension.get("type") {
        Some(Node { value: Value::String(kind), .. }) => kind.as_str(),
        Some(node) => return Err(field::mismatch("type", node, "a string")),
        None => "stdio",
    };
    let missing =
        |key: &str| Fault { position: extension.position, message: format!("`{key}` is missing") };
    let launch = match kind {
        "stdio" => {
            let mut env = field::pairs(extension, "envs")?;
            // Goose takes these from its keyring; here they come from the environment.
            for name in field::strings(extension, "env_keys")? {
                if !env.iter().any(|(set, _)| *set == name.text) {
                    env.push((name.text.clone(), field::variable(&name, "")));
                }
            }
            Launch::Stdio {
                command: field::string(extension, &["cmd"])?.ok_or_else(|| missing("cmd"))?,
                args: field::strings(extension, "args")?,
                env,
                pass_env: Vec::new(),
                env_file: None,
                cwd: field::string(extension, &["cwd"])?,
            }
        }
        "streamable_http" | "sse" => Launch::Http {
            url: field::string(extension, &["uri"])?.ok_or_else(|| missing("uri"))?,
            headers: field::pairs(extension, "headers")?,
            sse: kind == "sse",
        },
        _ => return Ok(None),
    };
    Ok(Some(Server { launch, disabled: field::is_disabled(extension)?, protocol_era: None }))
}
