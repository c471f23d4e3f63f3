//! What is to go wrong: `mcp-kit.faults/1`, a list of faults and when each strikes.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::request::Request;

/// The format of the file.
pub const FORMAT: &str = "mcp-kit.faults/1";

/// Faults, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Faults {
    faults: Vec<Fault>,
}

/// Something that goes wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    target: Target,
    /// Which of the requests that it is for is the first that it strikes, from 1.
    nth: u64,
    /// How many it strikes from there on.
    times: u64,
    /// What goes wrong.
    pub kind: FaultKind,
    /// How many requests there were that it is for.
    seen: u64,
    /// How many it has struck.
    fired: u64,
}

/// Which requests a fault is for: those of which all is so that is given.
#[derive(Debug, Clone, Default, PartialEq)]
struct Target {
    tool: Option<String>,
    method: Option<String>,
    key: Option<String>,
}

/// What goes wrong. The first seven happen after the request was carried out, as far as a recording
/// carries anything out: the same request again is the second one. The others happen instead.
#[derive(Debug, Clone, PartialEq)]
pub enum FaultKind {
    /// The answer is never sent.
    LoseAnswer,
    /// The answer comes later.
    Delay(Duration),
    /// Half of the answer, which is no JSON.
    MalformedJson,
    /// The answer comes twice.
    DuplicateAnswer,
    /// The stream of events ends in the middle of the answer. HTTP only.
    CutStream,
    /// The connection is closed without an answer; on stdio the server ends.
    CloseConnection,
    /// The server ends, with this exit code.
    Exit(u8),
    /// A result with `isError`, of this text.
    ErrorResult(String),
    /// An error of the protocol.
    ProtocolError {
        /// Its `code`.
        code: i64,
        /// Its `message`.
        message: String,
    },
    /// A status of HTTP instead of an answer.
    HttpStatus {
        /// The status.
        status: u16,
        /// `Retry-After`, in seconds.
        retry_after: Option<u64>,
    },
}

/// Why a file is no list of faults.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FaultsError(String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: Option<String>,
    #[serde(default, rename = "fault")]
    faults: Vec<Written>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    kind: String,
    tool: Option<String>,
    method: Option<String>,
    key: Option<String>,
    nth: Option<u64>,
    times: Option<u64>,
    delay: Option<String>,
    message: Option<String>,
    code: Option<i64>,
    status: Option<u16>,
    retry_after: Option<u64>,
}

/// The kinds, and the members that each may have of those that not all have.
const KINDS: &[(&str, &[&str])] = &[
    ("lose-answer", &[]),
    ("delay", &["delay"]),
    ("malformed-json", &[]),
    ("duplicate-answer", &[]),
    ("cut-stream", &[]),
    ("close-connection", &[]),
    ("exit", &["code"]),
    ("error-result", &["message"]),
    ("protocol-error", &["code", "message"]),
    ("http-status", &["status", "retry_after"]),
];

impl Faults {
    /// Reads a file.
    ///
    /// # Errors
    /// When it is not TOML of that form.
    pub fn read(text: &str) -> Result<Self, FaultsError> {
        let file: File = toml_edit::de::from_str(text)
            .map_err(|error| FaultsError(error.to_string().trim_end().to_owned()))?;
        if let Some(other) = file.format.filter(|format| format != FORMAT) {
            let is_ours = other.starts_with("mcp-kit.faults/");
            let advice = if is_ours { ": update mcp-kit" } else { "" };
            return Err(FaultsError(format!(
                "it is of the format `{other}`, and this version reads `{FORMAT}`{advice}"
            )));
        }
        if file.faults.is_empty() {
            return Err(FaultsError("it has no [[fault]]".to_owned()));
        }
        let numbered = file.faults.into_iter().enumerate();
        let faults = numbered.map(|(index, written)| {
            written.check().map_err(|reason| FaultsError(format!("fault {}: {reason}", index + 1)))
        });
        Ok(Self { faults: faults.collect::<Result<_, _>>()? })
    }

    /// The fault that strikes a request, with its number from 1. Every fault that is for the request
    /// counts it; the first of them that is due strikes.
    pub(super) fn strike(
        &mut self,
        request: &Request,
        key: Option<&str>,
        is_http: bool,
    ) -> Option<(usize, Fault)> {
        let mut struck = None;
        for (index, fault) in self.faults.iter_mut().enumerate() {
            if !fault.target.is_for(request, key) {
                continue;
            }
            fault.seen += 1;
            let is_due = fault.seen >= fault.nth && fault.seen - fault.nth < fault.times;
            let can_strike = is_http || !fault.is_of_http();
            if is_due && can_strike && struck.is_none() {
                fault.fired += 1;
                struck = Some((index + 1, fault.clone()));
            }
        }
        struck
    }

    /// Every fault, with its number from 1.
    pub fn all(&self) -> impl Iterator<Item = (usize, &Fault)> {
        self.faults.iter().enumerate().map(|(index, fault)| (index + 1, fault))
    }
}

impl Fault {
    /// How many requests it has struck.
    pub fn fired(&self) -> u64 {
        self.fired
    }

    /// How many requests it was for.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// Whether it can only strike over HTTP.
    pub fn is_of_http(&self) -> bool {
        matches!(self.kind, FaultKind::CutStream | FaultKind::HttpStatus { .. })
    }

    /// Its kind and what it is for, in words.
    pub fn in_words(&self) -> String {
        let mut text = self.kind.name().to_owned();
        match (&self.target.tool, &self.target.method) {
            (Some(tool), _) => text.push_str(&format!(" at call {} of `{tool}`", self.nth)),
            (None, Some(method)) => text.push_str(&format!(" at `{method}` {}", self.nth)),
            (None, None) => text.push_str(&format!(" at request {}", self.nth)),
        }
        if let Some(key) = &self.target.key {
            text.push_str(&format!(" with the key `{key}`"));
        }
        text
    }
}

impl FaultKind {
    fn name(&self) -> &'static str {
        match self {
            Self::LoseAnswer => "lose-answer",
            Self::Delay(_) => "delay",
            Self::MalformedJson => "malformed-json",
            Self::DuplicateAnswer => "duplicate-answer",
            Self::CutStream => "cut-stream",
            Self::CloseConnection => "close-connection",
            Self::Exit(_) => "exit",
            Self::ErrorResult(_) => "error-result",
            Self::ProtocolError { .. } => "protocol-error",
            Self::HttpStatus { .. } => "http-status",
        }
    }

    /// What is answered instead of carrying the request out.
    pub(super) fn instead(&self, request: &Request) -> Option<String> {
        match self {
            Self::ErrorResult(text) => {
                let content = json!([{"type": "text", "text": text}]);
                let result = json!({"resultType": "complete", "content": content, "isError": true});
                Some(request.result(&super::greeting::for_era(result, request.era).to_string()))
            }
            Self::ProtocolError { code, message } => {
                Some(request.error(&json!({"code": code, "message": message}).to_string()))
            }
            _ => None,
        }
    }
}

impl Target {
    fn is_for(&self, request: &Request, key: Option<&str>) -> bool {
        let is = |wanted: &Option<String>, found: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| Some(wanted) == found)
        };
        is(&self.tool, request.params.tool.as_deref())
            && is(&self.method, Some(&request.method))
            && is(&self.key, key)
    }
}

impl Written {
    fn check(self) -> Result<Fault, String> {
        let Some((kind, may_have)) = KINDS.iter().find(|(kind, _)| *kind == self.kind) else {
            let kinds: Vec<&str> = KINDS.iter().map(|(kind, _)| *kind).collect();
            return Err(format!(
                "there is no kind `{}`; there are {}",
                self.kind,
                kinds.join(", ")
            ));
        };
        let has = [
            ("delay", self.delay.is_some()),
            ("message", self.message.is_some()),
            ("code", self.code.is_some()),
            ("status", self.status.is_some()),
            ("retry_after", self.retry_after.is_some()),
        ];
        if let Some((name, _)) = has.iter().find(|(name, is)| *is && !may_have.contains(name)) {
            return Err(format!("`{kind}` has no `{name}`"));
        }
        let target = Target { tool: self.tool, method: self.method, key: self.key };
        if target == Target::default() {
            return Err("it is for nothing: give `tool`, `method` or `key`".to_owned());
        }
        let is_of_another = |method: &String| method != "tools/call";
        if target.tool.is_some() && target.method.as_ref().is_some_and(is_of_another) {
            return Err("a `tool` has no other `method` than tools/call".to_owned());
        }
        let nth = self.nth.unwrap_or(1);
        let times = self.times.unwrap_or(1);
        if nth == 0 || times == 0 {
            return Err("`nth` and `times` begin with 1".to_owned());
        }
        let message = self.message.unwrap_or_else(|| "a fault that was ordered".to_owned());
        let kind = match *kind {
            "lose-answer" => FaultKind::LoseAnswer,
            "malformed-json" => FaultKind::MalformedJson,
            "duplicate-answer" => FaultKind::DuplicateAnswer,
            "cut-stream" => FaultKind::CutStream,
            "close-connection" => FaultKind::CloseConnection,
            "error-result" => FaultKind::ErrorResult(message),
            "delay" => {
                let delay = self.delay.ok_or("`delay` needs a `delay`, such as \"3s\"")?;
                let parsed = humantime::parse_duration(&delay);
                FaultKind::Delay(parsed.map_err(|error| format!("`delay` is no time: {error}"))?)
            }
            "exit" => {
                let code = u8::try_from(self.code.unwrap_or(1));
                FaultKind::Exit(code.map_err(|_| "an exit code is at most 255".to_owned())?)
            }
            "protocol-error" => {
                FaultKind::ProtocolError { code: self.code.unwrap_or(-32603), message }
            }
            _ => {
                let status = self.status.ok_or("`http-status` needs a `status`, such as 503")?;
                if !(400..600).contains(&status) {
                    return Err(format!("{status} is no status of an error"));
                }
                FaultKind::HttpStatus { status, retry_after: self.retry_after }
            }
        };
        Ok(Fault { target, nth, times, kind, seen: 0, fired: 0 })
    }
}

/// The key of a call, as text.
pub(super) fn key_text(request: &Request, name: Option<&str>) -> Option<String> {
    let members = super::fingerprint::members(request.params.arguments.as_deref()?)?;
    match serde_json::from_str(members.get(name?)?.get()).ok()? {
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::{Faults, Request};

    fn strikes(faults: &str, requests: &[(&str, &str)]) -> Vec<usize> {
        let mut faults = Faults::read(faults).unwrap();
        let id = RawValue::from_string("1".to_owned()).unwrap();
        let struck = requests.iter().map(|(method, tool)| {
            let params = RawValue::from_string(format!(r#"{{"name":"{tool}"}}"#)).unwrap();
            let request = Request::new(&id, method, Some(&params));
            faults.strike(&request, Some("k"), true).map_or(0, |(number, _)| number)
        });
        struck.collect()
    }

    #[test]
    fn the_nth_that_it_is_for_is_struck() {
        let faults = "[[fault]]\ntool = \"a\"\nnth = 2\ntimes = 2\nkind = \"lose-answer\"\n\
                      [[fault]]\nmethod = \"tools/list\"\nkind = \"exit\"\n\
                      [[fault]]\nkey = \"k\"\nnth = 4\nkind = \"duplicate-answer\"\n";
        let call = "tools/call";
        let requests =
            [(call, "a"), (call, "b"), (call, "a"), (call, "a"), (call, "a"), ("tools/list", "a")];
        // The third is counted by the first and the last fault, and the fourth struck by the first of them.
        assert_eq!(strikes(faults, &requests), [0, 0, 1, 1, 0, 2]);
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said() {
        for (text, reason) in [
            ("", "it has no [[fault]]"),
            ("format = \"mcp-kit.faults/2\"\n", "update mcp-kit"),
            (
                "[[fault]]\nkind = \"explode\"\n",
                "fault 1: there is no kind `explode`; there are lose-answer,",
            ),
            ("[[fault]]\nkind = \"exit\"\n", "fault 1: it is for nothing"),
            ("[[fault]]\ntool = \"a\"\nkind = \"delay\"\n", "needs a `delay`"),
            ("[[fault]]\ntool = \"a\"\nkind = \"delay\"\ndelay = \"soon\"\n", "is no time"),
            ("[[fault]]\ntool = \"a\"\nkind = \"exit\"\nstatus = 503\n", "`exit` has no `status`"),
            (
                "[[fault]]\ntool = \"a\"\nkind = \"http-status\"\nstatus = 200\n",
                "no status of an error",
            ),
            ("[[fault]]\ntool = \"a\"\nkind = \"exit\"\nnth = 0\n", "begin with 1"),
            ("[[fault]]\ntool = \"a\"\nwhen = 1\nkind = \"exit\"\n", "unknown field `when`"),
            (
                "[[fault]]\ntool = \"a\"\nmethod = \"tools/list\"\nkind = \"exit\"\n",
                "no other `method`",
            ),
        ] {
            let error = Faults::read(text).unwrap_err().to_string();
            assert!(error.contains(reason), "{text}\n{error}");
        }
    }
}
