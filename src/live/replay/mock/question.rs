//! What the server has asked in the middle of a call, put to the client.
//!
//! As a request in the older era and as an `input_required` in the newer one, whichever of them it was
//! recorded in. It has to be answered as it was recorded (accepted, declined): what the server would have
//! said otherwise, nobody knows.

use serde_json::{Map, Value, value::RawValue};
use tokio::sync::mpsc::Sender;

use super::{
    Shared,
    fingerprint::{Fingerprint, action, members},
    library::BetweenKind,
    peer::Peer,
    perform::{Answer, Gone, Piece, give, result_of},
    request::{Request, Rpc},
};

/// Begins the `requestState` of ours: behind it, the entry that is played and how far.
const STATE: &str = "mcp-kit-mock/";
/// The name under which a question is put as `input_required`.
const QUESTION: &str = "question";

/// What a client gives for the questions of an `input_required`, and the state that goes with that.
type Given = (Option<Box<RawValue>>, Option<String>);

impl Shared {
    /// Where a call goes on whose client has answered a question that we have put as `input_required`.
    pub(super) fn resumed(&self, request: &Request) -> Option<Result<(u32, usize), Answer>> {
        let place = request.params.state.as_deref()?.strip_prefix(STATE)?;
        let (number, index) = place.split_once('/')?;
        let (number, index): (u32, usize) = (number.parse().ok()?, index.parse().ok()?);
        let entry = self.library.entries.get(number as usize)?;
        let between = self.library.between(entry).get(index)?;
        let BetweenKind::Question(recorded) = between.kind else { return None };
        let mut first = request.params.clone();
        (first.input, first.state) = (None, None);
        let key = self.state().keys.with_digest(&first).0;
        if Fingerprint::of_request(&request.method, &first, key.as_deref()) != entry.fingerprint {
            let what = "the request state is that of another call";
            return Some(Err(self.refused(request, what)));
        }
        let message = self.tape.message(between.place).ok()?;
        let rpc: Rpc<'_> = serde_json::from_str(message.get()).ok()?;
        let method = rpc.method.unwrap_or_default();
        let inputs = request.params.input.as_deref().and_then(members).unwrap_or_default();
        let Some(given) = inputs.get(QUESTION) else {
            let what = format!("`inputResponses` has no answer to `{QUESTION}`");
            return Some(Err(self.refused(request, &what)));
        };
        let given = RawValue::from_string(format!(r#"{{"result":{}}}"#, given.get())).ok()?;
        let expected = recorded.and_then(|place| self.tape.message(place).ok());
        Some(match agrees(&method, expected.as_deref(), &given) {
            Ok(()) => Ok((number, index + 1)),
            Err(what) => Err(self.refused(request, &what)),
        })
    }

    /// A question that was a request of the server's, for a client of the newer era.
    pub(super) fn as_input_required(
        &self,
        request: &Request,
        rpc: &Rpc<'_>,
        number: u32,
        index: usize,
    ) -> Answer {
        let method = rpc.method.as_deref().unwrap_or_default();
        if let Some(what) = lacking(request.params.meta.capabilities.as_ref(), method) {
            return self.refused(request, &what);
        }
        self.note_translation(request.era);
        let params = rpc.params.map_or("{}", RawValue::get);
        let state = format!("{STATE}{number}/{index}");
        Answer::plain(request.result(&format!(
            r#"{{"resultType":"input_required","inputRequests":{{"{QUESTION}":{{"method":{},"params":{params}}}}},"requestState":{}}}"#,
            Value::from(method),
            Value::from(state),
        )))
    }

    /// Puts every question of an `input_required` to a client of the older era. What it answers, and the
    /// state that goes with that; or the answer to the call, where there is no going on.
    pub(super) async fn put_all(
        &self,
        peer: &Peer,
        request: &Request,
        out: &Sender<Piece>,
        result: &RawValue,
    ) -> Result<Result<Given, Answer>, Gone> {
        self.note_translation(request.era);
        let result = members(result).unwrap_or_default();
        let questions = result.get("inputRequests").and_then(|it| members(it)).unwrap_or_default();
        let mut given = Map::new();
        for (name, question) in questions {
            let Ok(rpc) = serde_json::from_str::<Rpc<'_>>(question.get()) else { continue };
            let method = rpc.method.as_deref().unwrap_or_default();
            let answered = match self.put(peer, request, out, method, rpc.params).await? {
                Ok(answered) => answered,
                Err(answer) => return Ok(Err(answer)),
            };
            let Some(answer) = result_of(&answered) else {
                let what =
                    format!("the client refuses `{method}`, which the recorded one answered");
                return Ok(Err(self.refused(request, &what)));
            };
            given.insert(name, serde_json::from_str(answer.get()).unwrap_or_default());
        }
        let input = RawValue::from_string(Value::Object(given).to_string()).ok();
        let state = result.get("requestState");
        Ok(Ok((input, state.and_then(|state| serde_json::from_str(state.get()).ok()))))
    }

    /// Puts a question to a client of the older era: what it answers, or the answer to the call where it
    /// cannot be asked.
    pub(super) async fn put(
        &self,
        peer: &Peer,
        request: &Request,
        out: &Sender<Piece>,
        method: &str,
        params: Option<&RawValue>,
    ) -> Result<Result<Box<RawValue>, Answer>, Gone> {
        if let Some(what) = lacking(Some(&peer.capabilities()), method) {
            return Ok(Err(self.refused(request, &what)));
        }
        let (id, answered) = peer.question();
        let params = params.map_or("{}", RawValue::get);
        let text = format!(
            r#"{{"jsonrpc":"2.0","id":{id},"method":{},"params":{params}}}"#,
            Value::from(method)
        );
        give(out, Piece::Message(text)).await?;
        answered.await.map(Ok).map_err(|_| Gone)
    }
}

/// What a client does not say that it can, and has to for a question.
fn lacking(capabilities: Option<&Value>, method: &str) -> Option<String> {
    let needed = match method {
        "elicitation/create" => "elicitation",
        "sampling/createMessage" => "sampling",
        "roots/list" => "roots",
        _ => return None,
    };
    let has = capabilities.is_some_and(|capabilities| capabilities.get(needed).is_some());
    (!has).then(|| {
        format!("the server has asked `{method}` here, and the client has no capability `{needed}`")
    })
}

/// Whether a client has answered a question as the recorded one has.
pub(super) fn agrees(
    method: &str,
    recorded: Option<&RawValue>,
    given: &RawValue,
) -> Result<(), String> {
    let Some(recorded) = recorded else { return Ok(()) };
    let in_words = |message: &RawValue| match result_of(message) {
        Some(result) => match action(result) {
            action if action.is_empty() => "a result".to_owned(),
            action => format!("`{action}`"),
        },
        None => "an error".to_owned(),
    };
    let (recorded, given) = (in_words(recorded), in_words(given));
    if recorded == given {
        return Ok(());
    }
    Err(format!(
        "the client has answered `{method}` with {given}, and the recorded one with {recorded}: what \
         the server says then was not recorded"
    ))
}
