use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    semantics::{OpenArgument, open_arguments, word::words},
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
            && (LOCAL.iter().any(|sign| argument.description.contains(sign))
                || is_all_there_is(tool, argument))
            && !GUARDS.iter().any(is_guarded)
    })?;
    let message = format!("`{}` takes any path of the server's machine", argument.name);
    Some(Hit::new(tool.argument_pointer(argument.name), message))
}

fn is_path(argument: &OpenArgument<'_>) -> bool {
    const NAMES: &[&str] = &["dir", "directory", "file", "filename", "filepath", "folder", "path"];
    argument.words.last().is_some_and(|word| NAMES.contains(&word.as_str()))
}

/// Whether a tool that reads or writes a file takes nothing but its path: no repository, no archive
/// and no project in which it could stand.
fn is_all_there_is(tool: &Tool, argument: &OpenArgument<'_>) -> bool {
    let words = words(&tool.name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let is_about_a_file = matches!(words.as_slice(), [verb, "file"] if FILE_VERBS.contains(verb));
    is_about_a_file
        && ["path of the file", "path to the file"]
            .iter()
            .any(|sign| argument.description.contains(sign))
        && tool.arguments().all(|(name, _)| name == argument.name || ASIDE.contains(&name.as_str()))
}

const FILE_VERBS: &[&str] =
    &["append", "delete", "load", "open", "read", "remove", "tail", "write"];

/// Arguments that do not say where a file stands.
const ASIDE: &[&str] = &["content", "data", "encoding", "head", "limit", "offset", "tail", "text"];

/// Words that tell a path on the machine from one in a repository or an archive.
const LOCAL: &[&str] = &[
    "absolute path", "file system", "filesystem", "local file", "local path", "on disk",
    "on the server",
];

/// Words by which a description says that somebody has thought of this.
const GUARDS: &[&str] =
    &["allowed", "allowlist", "relative to", "root", "sandbox", "within", "workspace"];
