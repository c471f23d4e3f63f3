//! Reads the examples of rules about what a running server answers: a surface, and beside it
//! `listed_again` (lists of tools, or how the server is `gone`) and `asked` (questions with their answers).

use std::time::Duration;

use serde_json::Value;

use crate::engine::{
    protocol::{
        canonical::{Layout, write},
        json::Limits,
    },
    surface::{
        self, Surface,
        evidence::{Again, Answer, Case, EndedListing, Evidence, Listing, Outcome, Question},
    },
};

pub(super) fn read(code: &str) -> Surface {
    let value: Value = serde_json::from_str(code).unwrap_or_else(|error| panic!("{error}\n{code}"));
    let mut surface = surface::read(code.as_bytes(), &Limits::default()).unwrap();
    let items = |name: &str| value[name].as_array().cloned().unwrap_or_default();
    let again = [Again::OnOtherConnection, Again::OnSameConnection];
    let listed_again: Vec<_> = items("listed_again").into_iter().zip(again).collect();
    let (ended, listed): (Vec<_>, Vec<_>) =
        listed_again.into_iter().partition(|(it, _)| it.is_object());
    let ended = ended.into_iter().map(|(it, again)| EndedListing {
        again,
        how: it["gone"].as_str().unwrap_or_default().to_owned(),
    });
    let listings = listed.into_iter().map(|(tools, again)| {
        let tools = serde_json::json!({ "tools": tools }).to_string();
        let tools = surface::read(tools.as_bytes(), &Limits::default()).unwrap().tools;
        let text = |tool: &surface::Tool| write(tool.view(), Layout::Canonical);
        let tools = tools.iter().map(|tool| (tool.name.clone(), text(tool))).collect();
        Listing { again, tools }
    });
    surface.evidence = Some(Evidence {
        listings: listings.collect(),
        ended_listings: ended.collect(),
        answers: items("asked").iter().map(answer).collect(),
        not_run: Vec::new(),
    });
    surface
}

fn answer(asked: &Value) -> Answer {
    let text = |name: &str| asked[name].as_str().map(str::to_owned);
    let case = match (text("without"), text("wrong_type")) {
        (Some(name), _) => Case::Missing(name),
        (None, Some(name)) => Case::WrongType(name),
        (None, None) => Case::Valid,
    };
    let question = match (text("call"), asked["about"].as_str()) {
        (Some(tool), _) => Question::Call { tool, case },
        (None, Some("an unknown method")) => Question::UnknownMethod,
        (None, Some("an unknown tool")) => Question::UnknownTool,
        (None, Some("an unknown revision")) => Question::UnknownRevision,
        (None, Some("no revision")) => Question::NoRevision,
        (None, Some("another method in the header")) => Question::OtherMethodHeader,
        (None, Some("tools, without server/discover")) => Question::UndiscoveredList,
        other => panic!("no question: {other:?}"),
    };
    let outcome = match (asked.get("result"), asked.get("error")) {
        (Some(result), _) => Outcome::Result(result.clone()),
        (None, Some(error)) => Outcome::Error {
            code: error["code"].as_i64(),
            message: error["message"].as_str().unwrap_or_default().to_owned(),
            data: error["data"].clone(),
        },
        (None, None) => text("gone").map_or(Outcome::Silence, Outcome::Gone),
    };
    let status = asked["status"].as_u64().map(|status| status as u16);
    let time = Duration::from_secs_f64(asked["seconds"].as_f64().unwrap_or(0.01));
    Answer { question, outcome, status, time }
}
