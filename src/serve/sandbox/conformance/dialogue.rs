//! Asking the client back, in both eras.
//!
//! Before 2026-07-28 a server sends its client a request and waits for the answer. Since then it
//! ends its own answer with what it asks (`input_required`), and the client sends the whole request
//! anew with what was answered. What has been answered so far travels with the client, sealed.

use std::{sync::Arc, time::Duration};

use http::request::Parts;
use rmcp::{ErrorData, RoleServer, model::*, service::RequestContext};
use serde_json::{Value, json};

use super::Fixture;
use crate::serve::runtime::identity::Identity;

/// How long a client may take to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(120);

/// Whether a request is of 2026-07-28 or later.
pub(super) fn is_modern(context: &RequestContext<RoleServer>) -> bool {
    context.protocol_version().is_some_and(|version| version >= ProtocolVersion::V_2026_07_28)
}

/// A request that may ask its client back, as often as it takes.
pub(super) struct Dialogue {
    fixture: Fixture,
    /// Whose request it is and what it asks for, which a sealed state must have been made for.
    subject: String,
    answers: InputResponses,
    /// Whether the client has come back with a state that was sealed here.
    pub(super) is_continued: bool,
}

impl Dialogue {
    /// Begins, or goes on where the last answer has ended.
    ///
    /// # Errors
    ///
    /// Where the state is not one that was sealed for this request.
    pub(super) fn new(
        fixture: &Fixture,
        context: &RequestContext<RoleServer>,
        name: &str,
        arguments: &JsonObject,
        answers: Option<InputResponses>,
        state: Option<&str>,
    ) -> Result<Self, ErrorData> {
        let user = context.extensions.get::<Parts>();
        let user = user.and_then(|parts| parts.extensions.get::<Arc<Identity>>());
        let principal = user.map(|user| user.principal()).unwrap_or_default();
        let subject = json!([principal, name, arguments]).to_string();
        let mut so_far = match state {
            None => InputResponses::new(),
            Some(state) => {
                let opened = fixture.shared.codec.open_with(state, subject.as_bytes());
                opened.ok().and_then(|opened| serde_json::from_slice(&opened).ok()).ok_or_else(
                    || ErrorData::invalid_params("the requestState was not made for this", None),
                )?
            }
        };
        so_far.extend(answers.unwrap_or_default());
        let is_continued = state.is_some();
        Ok(Self { fixture: fixture.clone(), subject, answers: so_far, is_continued })
    }

    /// Asks for what has not been answered yet. Returns what to answer the request with, where the
    /// client must come back; after that, every answer is there.
    ///
    /// # Errors
    ///
    /// Where the client cannot be asked such a thing, or does not answer.
    pub(super) async fn ask(
        &mut self,
        context: &RequestContext<RoleServer>,
        questions: Vec<(&'static str, InputRequest)>,
    ) -> Result<Option<InputRequiredResult>, ErrorData> {
        let has_answer = |key: &str, question: &InputRequest| {
            self.answers.get(key).is_some_and(|answer| fits(question, answer))
        };
        let open: Vec<_> =
            questions.into_iter().filter(|(key, question)| !has_answer(key, question)).collect();
        for (_, question) in &open {
            check(context, question)?;
        }
        if open.is_empty() {
            return Ok(None);
        }
        if is_modern(context) {
            return Ok(Some(self.unanswered(open)?));
        }
        for (key, question) in open {
            let answer = send(context, question).await?;
            self.answers.insert(key.to_owned(), answer);
        }
        Ok(None)
    }

    /// Asks for all of these anew.
    fn unanswered(
        &self,
        questions: Vec<(&'static str, InputRequest)>,
    ) -> Result<InputRequiredResult, ErrorData> {
        let options =
            SealOptions::new().associated_data(self.subject.as_bytes()).ttl(ANSWER_WITHIN);
        let state = self.fixture.shared.codec.seal_json_with(&self.answers, &options);
        let state = state.map_err(|fault| ErrorData::internal_error(fault.to_string(), None))?;
        let questions =
            questions.into_iter().map(|(key, question)| (key.to_owned(), question)).collect();
        Ok(InputRequiredResult::new(Some(questions), Some(state)))
    }

    /// Takes nothing as answered.
    pub(super) fn forget(&mut self) {
        self.answers.clear();
    }

    /// What has been answered; null where nothing has.
    pub(super) fn answer(&self, key: &str) -> &Value {
        self.answers.get(key).unwrap_or(&Value::Null)
    }
}

/// Asks a person to fill in a form.
pub(super) fn form(message: &str, schema: &Value) -> InputRequest {
    let params = json!({"mode": "form", "message": message, "requestedSchema": schema});
    question("elicitation/create", &params)
}

/// Asks a model.
pub(super) fn sampling(prompt: &str, max_tokens: u32) -> InputRequest {
    let message = json!({"role": "user", "content": {"type": "text", "text": prompt}});
    question("sampling/createMessage", &json!({"messages": [message], "maxTokens": max_tokens}))
}

/// Asks where the client's files are.
pub(super) fn roots() -> InputRequest {
    question("roots/list", &json!({}))
}

fn question(method: &str, params: &Value) -> InputRequest {
    serde_json::from_value(json!({"method": method, "params": params}))
        .expect("every question of the fixture is one of the specification")
}

/// Whether an answer has the shape that its question asks for.
fn fits(question: &InputRequest, answer: &Value) -> bool {
    match question {
        InputRequest::Elicitation(_) => answer["action"].is_string(),
        InputRequest::CreateMessage(_) => !answer["content"].is_null(),
        InputRequest::ListRoots(_) => answer["roots"].is_array(),
        _ => false,
    }
}

/// What a client must have declared to be asked this.
#[expect(deprecated, reason = "the specification has deprecated both, and its suite asks for them")]
fn needed(question: &InputRequest) -> ClientCapabilities {
    let builder = ClientCapabilities::builder();
    match question {
        InputRequest::Elicitation(_) => builder.enable_elicitation().build(),
        InputRequest::CreateMessage(_) => builder.enable_sampling().build(),
        _ => builder.enable_roots().build(),
    }
}

/// Whether a client can be asked this.
pub(super) fn can_be_asked(context: &RequestContext<RoleServer>, question: &InputRequest) -> bool {
    let declared = context.client_capabilities().unwrap_or_default();
    match question {
        InputRequest::Elicitation(_) => declared.elicitation.is_some(),
        InputRequest::CreateMessage(_) => declared.sampling.is_some(),
        InputRequest::ListRoots(_) => declared.roots.is_some(),
        _ => false,
    }
}

/// Refuses where a client cannot be asked this.
pub(super) fn check(
    context: &RequestContext<RoleServer>,
    question: &InputRequest,
) -> Result<(), ErrorData> {
    match can_be_asked(context, question) {
        true => Ok(()),
        false => Err(ErrorData::missing_required_client_capability(needed(question))),
    }
}

/// Sends a question to a client before 2026-07-28 and waits for what it answers.
async fn send(
    context: &RequestContext<RoleServer>,
    question: InputRequest,
) -> Result<Value, ErrorData> {
    let request: ServerRequest = match question {
        InputRequest::Elicitation(request) => request.into(),
        InputRequest::CreateMessage(request) => request.into(),
        InputRequest::ListRoots(request) => request.into(),
        _ => return Err(ErrorData::internal_error("there is no such question", None)),
    };
    let answer = context.peer.send_request(request).await;
    let answer = answer.map_err(|fault| ErrorData::internal_error(fault.to_string(), None))?;
    serde_json::to_value(answer).map_err(|fault| ErrorData::internal_error(fault.to_string(), None))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{fits, form, roots, sampling};

    #[test]
    fn an_answer_must_have_the_shape_that_is_asked_for() {
        let form = form("Name?", &json!({"type": "object", "properties": {}}));
        assert!(fits(&form, &json!({"action": "accept", "content": {"name": "Ann"}})));
        assert!(fits(&sampling("Hello?", 10), &json!({"role": "assistant", "content": []})));
        assert!(fits(&roots(), &json!({"roots": []})));
        for question in [form, sampling("Hello?", 10), roots()] {
            for answer in [json!(12_345), Value::Null, json!({}), json!("accept"), json!([])] {
                assert!(!fits(&question, &answer), "{answer}");
            }
        }
    }
}
