//! Calls to make in order, for a recording without a model: `calls.toml`.
//!
//! A call may use what an earlier one has answered: `${NAME#/pointer}` in its arguments stands for a
//! value in the answer that was saved under a name. That is the `structuredContent` where there is
//! any, else the JSON in the first block of text, else that text. A text that is nothing but a
//! reference becomes the value with its type.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::live::session::{Conversation, Question, SessionError};

/// A script.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// What to call.
    #[serde(rename = "call")]
    pub calls: Vec<Step>,
}

/// A call.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The tool.
    pub tool: String,
    /// Its arguments, perhaps with references.
    #[serde(default)]
    pub arguments: Map<String, Value>,
    /// A name for the answer.
    pub save: Option<String>,
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Its place in the script, from 1.
    pub number: usize,
    /// The tool.
    pub tool: String,
    /// What came of it.
    pub outcome: Outcome,
    /// How long the answer took.
    pub time: Duration,
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A result.
    Ok,
    /// A result with `isError`.
    ToolError,
    /// An error of the protocol, in its words.
    ProtocolError(String),
}

/// Why a script cannot be carried out.
#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    /// It is no script.
    #[error("{0}")]
    Form(String),
    /// A call uses what is not there.
    #[error("call {number}, of `{tool}`: {reason}")]
    Reference {
        /// Its place in the script, from 1.
        number: usize,
        /// The tool.
        tool: String,
        /// What is not there.
        reason: String,
    },
    /// The server.
    #[error(transparent)]
    Session(#[from] SessionError),
}

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// When the text is not TOML of that form, or a reference names no call before it.
    pub fn read(text: &str) -> Result<Self, ScriptError> {
        let script: Self = toml_edit::de::from_str(text)
            .map_err(|error| ScriptError::Form(error.to_string().trim_end().to_owned()))?;
        let mut saved = Vec::new();
        for (index, step) in script.calls.iter().enumerate() {
            let mut unknown = None;
            let mut check = |name: &str| {
                if !saved.contains(&Some(name)) {
                    unknown.get_or_insert_with(|| name.to_owned());
                }
            };
            names(&Value::Object(step.arguments.clone()), &mut check);
            if let Some(name) = unknown {
                let reason = format!("no call before it is saved as `{name}`");
                return Err(step.reference(index, reason));
            }
            saved.push(step.save.as_deref());
        }
        Ok(script)
    }
}

impl Step {
    fn reference(&self, index: usize, reason: String) -> ScriptError {
        ScriptError::Reference { number: index + 1, tool: self.tool.clone(), reason }
    }
}

/// The most pages of a list of tools that are asked for.
const MOST_PAGES: usize = 100;

/// Asks for the list of tools, page by page: a recording without it does not say what was called. A server
/// that refuses has its reasons.
async fn list(conversation: &mut Conversation, wait: Duration) -> Result<(), ScriptError> {
    let mut params = json!({});
    for _ in 0..MOST_PAGES {
        let question = Question { method: "tools/list", ..Question::default() };
        let reply = conversation.ask(question, params, wait).await;
        let answer = reply.frame?.view().to_value();
        let Some(cursor) = answer["result"]["nextCursor"].as_str() else { break };
        params = json!({"cursor": cursor});
    }
    Ok(())
}

/// Asks for the tools first, as a client does, and then makes the calls of a script; says after each
/// what came of it.
///
/// # Errors
/// When the server is lost, or a call uses a part of an answer that it does not have.
pub async fn play(
    script: &Script,
    conversation: &mut Conversation,
    wait: Duration,
    mut made: impl FnMut(Made),
) -> Result<(), ScriptError> {
    list(conversation, wait).await?;
    let mut saved: HashMap<&str, Value> = HashMap::new();
    for (index, step) in script.calls.iter().enumerate() {
        let arguments = filled(&Value::Object(step.arguments.clone()), &saved)
            .map_err(|reason| step.reference(index, reason))?;
        let question = Question { method: "tools/call", ..Question::default() };
        let params = json!({"name": step.tool, "arguments": arguments});
        let start = Instant::now();
        let reply = conversation.ask(question, params, wait).await;
        let time = start.elapsed();
        let frame = reply.frame?;
        let answer = frame.view().to_value();
        let result = &answer["result"];
        let outcome = match answer.get("error") {
            Some(error) => {
                let words = error["message"].as_str().unwrap_or("an error without words");
                Outcome::ProtocolError(words.to_owned())
            }
            None if result["isError"] == true => Outcome::ToolError,
            None => Outcome::Ok,
        };
        made(Made { number: index + 1, tool: step.tool.clone(), outcome, time });
        if let Some(name) = &step.save {
            saved.insert(name, content(result));
        }
    }
    Ok(())
}

/// What references lead into.
fn content(result: &Value) -> Value {
    if let Some(structured) = result.get("structuredContent") {
        return structured.clone();
    }
    let text = result["content"][0]["text"].as_str().unwrap_or_default();
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}

/// Calls a function with the name of each reference in a value.
fn names(value: &Value, found: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => {
            let mut rest = text.as_str();
            while let Some((_, reference, after)) = next_reference(rest) {
                found(reference.0);
                rest = after;
            }
        }
        Value::Array(items) => items.iter().for_each(|item| names(item, found)),
        Value::Object(members) => members.values().for_each(|member| names(member, found)),
        _ => {}
    }
}

/// A value with the references in it replaced.
fn filled(value: &Value, saved: &HashMap<&str, Value>) -> Result<Value, String> {
    match value {
        Value::String(text) => filled_text(text, saved),
        Value::Array(items) => items.iter().map(|item| filled(item, saved)).collect(),
        Value::Object(members) => {
            let member =
                |(name, value): (&String, &Value)| Ok((name.clone(), filled(value, saved)?));
            members.iter().map(member).collect::<Result<Map<_, _>, String>>().map(Value::Object)
        }
        other => Ok(other.clone()),
    }
}

fn filled_text(text: &str, saved: &HashMap<&str, Value>) -> Result<Value, String> {
    let look_up = |(name, pointer): (&str, &str)| {
        let answer = saved.get(name).ok_or_else(|| format!("nothing is saved as `{name}`"))?;
        let found = answer.pointer(pointer);
        found.cloned().ok_or_else(|| format!("the answer saved as `{name}` has no `{pointer}`"))
    };
    if let Some(("", reference, "")) = next_reference(text) {
        return look_up(reference);
    }
    let mut whole = String::new();
    let mut rest = text;
    while let Some((before, reference, after)) = next_reference(rest) {
        whole.push_str(before);
        match look_up(reference)? {
            Value::String(text) => whole.push_str(&text),
            other => whole.push_str(&other.to_string()),
        }
        rest = after;
    }
    whole.push_str(rest);
    Ok(Value::String(whole))
}

/// What stands before the first reference, its name and pointer, and what comes after it. A text such
/// as `${HOME}`, without `#`, is none.
fn next_reference(text: &str) -> Option<(&str, (&str, &str), &str)> {
    let mut from = 0;
    loop {
        let start = from + text[from..].find("${")?;
        let end = start + text[start..].find('}')?;
        if let Some(reference) = text[start + 2..end].split_once('#') {
            return Some((&text[..start], reference, &text[end + 1..]));
        }
        from = start + 2;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde_json::json;

    use super::{Script, ScriptError, content, filled};

    #[test]
    fn references_are_filled_in() {
        let created = json!({"content": [], "structuredContent": {"id": 7, "tags": ["a"]}});
        let listed = json!({"content": [{"type": "text", "text": "[\"x\", \"y\"]"}]});
        let said = json!({"content": [{"type": "text", "text": "done"}]});
        let saved = HashMap::from([
            ("created", content(&created)),
            ("listed", content(&listed)),
            ("said", content(&said)),
        ]);
        let arguments = json!({"id": "${created#/id}", "all": ["${listed#}", "${listed#/1}"],
            "text": "no ${created#/id} is ${said#} in ${HOME}", "n": 1});
        let expected =
            json!({"id": 7, "all": [["x", "y"], "y"], "text": "no 7 is done in ${HOME}", "n": 1});
        assert_eq!(filled(&arguments, &saved).unwrap(), expected);
        let wrong = filled(&json!("${created#/name}"), &saved).unwrap_err();
        assert_eq!(wrong, "the answer saved as `created` has no `/name`");
    }

    #[test]
    fn a_script_is_checked_before_anything_is_called() {
        let script = "[[call]]\ntool = \"a\"\nsave = \"x\"\n[[call]]\ntool = \"b\"\n\
                      arguments = { id = \"${x#/id}\", deep = [{ a = 1.5 }] }\n";
        let script = Script::read(script).unwrap();
        assert_eq!(script.calls[1].arguments["deep"], json!([{"a": 1.5}]));
        for (wrong, reason) in [
            (
                "[[call]]\ntool = \"b\"\narguments = { id = \"${x#/id}\" }\n[[call]]\ntool = \"a\"\nsave = \"x\"\n",
                "call 1, of `b`: no call before it is saved as `x`",
            ),
            ("[[call]]\ntool = \"b\"\nargs = {}\n", "unknown field `args`"),
            ("[[call]]\n", "missing field `tool`"),
        ] {
            let error = Script::read(wrong).unwrap_err();
            assert!(error.to_string().contains(reason), "{error}");
            assert!(!matches!(error, ScriptError::Session(_)));
        }
    }
}
