use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    semantics::{OpenArgument, open_arguments, word::words},
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "security/command-param",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Recommended,
    help: "take the few things that vary as typed arguments, or an `enum` of known commands, and start \
           the program without a shell",
    documentation: r#"
A tool runs whatever command or program stands in an argument.

## Why
The argument is written by a model that has just read a web page, a mail or an issue, so whoever
wrote that text writes the command too. Injected commands are the fifth of OWASP's ten risks of MCP
servers. A server whose purpose is to run commands or code needs a sandbox and says so; most need
two or three fixed commands with typed arguments.

Nothing is reported when the argument is constrained by `enum`, `const` or `pattern`, or when the
tool says `openWorldHint: false`.

## Bad
```json
{"tools": [{"name": "run_report", "description": "Runs a report script.", "inputSchema": {
  "type": "object", "properties": {"command": {"type": "string", "description": "Shell command to run"}}
}}]}
```
```json
{"tools": [{"name": "execute", "inputSchema": {
  "type": "object", "properties": {"command": {"type": "string"}}
}}]}
```
```json
{"tools": [{"name": "evaluate", "inputSchema": {
  "type": "object", "properties": {"code": {"type": "string", "description": "Python code to run"}}
}}]}
```

## Good
```json
{"tools": [{"name": "run_report", "description": "Runs one of the reports.", "inputSchema": {
  "type": "object", "properties": {"command": {"type": "string", "enum": ["sales", "stock"]}}
}}]}
```
A command that no shell sees:
```json
{"tools": [{"name": "send_robot", "description": "Moves the robot.", "inputSchema": {
  "type": "object", "properties": {"command": {"type": "string", "description": "forward, back or stop"}}
}}]}
```
```json
{"tools": [{
  "name": "send_to_terminal",
  "description": "Sends a command to a payment terminal: show, beep or print.",
  "inputSchema": {"type": "object", "properties": {"command": {"type": "string"}}}
}]}
```
A name that warns:
```json
{"tools": [{"name": "run_code_unsafe", "description": "Runs code in the page.", "inputSchema": {
  "type": "object", "properties": {"code": {"type": "string", "description": "JavaScript to run"}}
}}]}
```
A code that is none to run:
```json
{"tools": [{"name": "redeem", "description": "Redeems a voucher.", "inputSchema": {
  "type": "object", "properties": {"code": {"type": "string", "description": "code on the voucher"}}
}}]}
```

## References
- OWASP MCP Top 10: MCP05, command injection
- CWE-78
"#,
    check: Check::Tool(check),
};

fn check(tool: &Tool) -> Vec<Hit> {
    // Who calls a tool unsafe has thought of it, and tells whoever approves a call.
    if words(&tool.name).iter().any(|word| word == "unsafe") {
        return Vec::new();
    }
    let about = tool.description.as_deref().unwrap_or_default().to_lowercase();
    let only_runs = words(&tool.name).iter().all(|word| RUNNING.contains(&word.as_str()));
    let judge = |argument: OpenArgument<'_>| {
        let last = argument.words.last()?.as_str();
        let is_a_shell =
            SIGNS.iter().any(|sign| argument.description.contains(sign) || about.contains(sign));
        let is_named = COMMANDS.contains(&last)
            || argument.words.ends_with(&["command".to_owned(), "line".to_owned()]);
        let is_to_run = RUN.contains(&argument.description.trim_end_matches('.'));
        let is_for_a_shell = argument.description.contains("sh -c");
        if is_for_a_shell || (is_named && (is_a_shell || only_runs || is_to_run)) {
            return Some(takes(tool, &argument, "shell command"));
        }
        (PROGRAMS.contains(&last) && is_run(&argument)).then(|| takes(tool, &argument, "program"))
    };
    open_arguments(tool).filter_map(judge).collect()
}

fn takes(tool: &Tool, argument: &OpenArgument<'_>, what: &str) -> Hit {
    let message = format!("`{}` takes any {what}", argument.name);
    Hit::new(tool.argument_pointer(argument.name), message)
}

const COMMANDS: &[&str] = &["bash", "cmd", "cmdline", "command", "commandline", "shell"];

/// Descriptions that leave open what is run; "command to run on the robot" does not.
const RUN: &[&str] = &["a command to run", "command to execute", "command to run"];

/// Words that tell a shell command from a command to a robot.
const SIGNS: &[&str] = &[
    "shell", "bash", "powershell", "terminal command", "in a terminal", "in the terminal",
    "command line", "command-line", "subprocess",
];

/// Words of a tool's name that say no more than that it runs something.
const RUNNING: &[&str] = &["cmd", "command", "exec", "execute", "run", "shell"];

const PROGRAMS: &[&str] = &["code", "script", "snippet"];

const LANGUAGES: &[&str] = &[
    "bash", "javascript", "js", "lua", "node", "perl", "php", "powershell", "python", "ruby",
    "shell", "typescript",
];

/// Whether the description of an argument speaks of a programming language and of running.
fn is_run(argument: &OpenArgument<'_>) -> bool {
    let words = words(&argument.description);
    let speaks_of = |signs: &[&str]| words.iter().any(|word| signs.contains(&word.as_str()));
    speaks_of(LANGUAGES)
        && speaks_of(&["eval", "evaluate", "evaluated", "execute", "executed", "run"])
}
