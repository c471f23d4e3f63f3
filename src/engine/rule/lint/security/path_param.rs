use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    semantics::{OpenArgument, open_arguments},
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "security/path-param",
    severity: Severity::Warning,
    confidence: Confidence::Low,
    profile: Profile::Recommended,
    help: "keep to directories named in the configuration: resolve links and `..` first, compare then, \
           and say in the description what is allowed",
    documentation: r#"
A tool opens whatever file of the server's machine stands in an argument.

## Why
The path is written by a model, out of text that others may have written, and the server opens it
with its own rights: `~/.ssh/id_rsa` or `../../etc/passwd` is a path like any other.

Nothing is reported when the description speaks of allowed directories or of a root, when the
argument is constrained by `enum`, `const` or `pattern`, or when the tool says `openWorldHint:
false`.

## Bad
```json
{"tools": [{"name": "read_log", "inputSchema": {"type": "object", "properties": {
  "path": {"type": "string", "description": "absolute path of the file on the server"}
}}}]}
```

## Good
```json
{"tools": [{
  "name": "read_log",
  "description": "Reads a log file; only works within allowed directories.",
  "inputSchema": {"type": "object", "properties": {
    "path": {"type": "string", "description": "absolute path of the file"}
  }}
}]}
```

## References
- CWE-22
"#,
    check: Check::Tool(check),
};

fn check(tool: &Tool) -> Vec<Hit> {
    judge(tool).into_iter().collect()
}

fn judge(tool: &Tool) -> Option<Hit> {
    let about = tool.description.as_deref().unwrap_or_default().to_lowercase();
    let argument = open_arguments(tool).find(|argument| {
        let is_guarded = |sign: &&str| about.contains(sign) || argument.description.contains(sign);
        is_path(argument)
            && LOCAL.iter().any(|sign| argument.description.contains(sign))
            && !GUARDS.iter().any(is_guarded)
    })?;
    let message = format!("`{}` takes any path of the server's machine", argument.name);
    Some(Hit::new(tool.argument_pointer(argument.name), message))
}

fn is_path(argument: &OpenArgument<'_>) -> bool {
    const NAMES: &[&str] = &["dir", "directory", "file", "filename", "filepath", "folder", "path"];
    argument.words.last().is_some_and(|word| NAMES.contains(&word.as_str()))
}

/// Words that tell a path on the machine from one in a repository or an archive.
const LOCAL: &[&str] = &[
    "absolute path", "file system", "filesystem", "local file", "local path", "on disk",
    "on the server",
];

/// Words by which a description says that somebody has thought of this.
const GUARDS: &[&str] =
    &["allowed", "allowlist", "relative to", "root", "sandbox", "within", "workspace"];
