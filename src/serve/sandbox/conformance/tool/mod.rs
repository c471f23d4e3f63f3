//! Tools: one line in a table for each, and what they do in files by subject.

mod content;
mod input;
mod notice;
mod task;

use std::sync::Arc;

use futures_util::future::BoxFuture;
use rmcp::{ErrorData, RoleServer, model::*, service::RequestContext};
use serde_json::{Value, json};

use super::{Fixture, dialogue::Dialogue};

/// What a tool is called with.
struct Call {
    fixture: Fixture,
    context: RequestContext<RoleServer>,
    arguments: JsonObject,
    dialogue: Dialogue,
}

impl Call {
    /// An argument that is a text; empty where there is none.
    fn text(&self, name: &str) -> &str {
        self.arguments.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// Asks the client back; see [`Dialogue::ask`].
    async fn ask(
        &mut self,
        questions: Vec<(&'static str, InputRequest)>,
    ) -> Result<Option<InputRequiredResult>, ErrorData> {
        self.dialogue.ask(&self.context, questions).await
    }
}

type Answer = Result<CallToolResponse, ErrorData>;

/// A tool.
struct Definition {
    name: &'static str,
    description: &'static str,
    input_schema: fn() -> Value,
    answer: fn(Call) -> BoxFuture<'static, Answer>,
}

impl Definition {
    fn listed(&self) -> Tool {
        let Value::Object(schema) = (self.input_schema)() else {
            unreachable!("every input schema of the fixture is an object");
        };
        Tool::new(self.name, self.description, Arc::new(schema))
    }
}

/// The schema of what has no arguments.
fn nothing() -> Value {
    json!({"type": "object", "properties": {}, "additionalProperties": false})
}

fn definitions() -> impl Iterator<Item = &'static Definition> {
    [content::TOOLS, notice::TOOLS, input::TOOLS, task::TOOLS].into_iter().flatten()
}

/// All tools, always in the same order.
pub(super) fn list() -> Vec<Tool> {
    definitions().map(Definition::listed).collect()
}

pub(super) async fn call(
    fixture: &Fixture,
    request: CallToolRequestParams,
    context: RequestContext<RoleServer>,
) -> Answer {
    let Some(definition) = definitions().find(|definition| definition.name == request.name) else {
        return Err(ErrorData::invalid_params(
            format!("there is no tool `{}`", request.name),
            None,
        ));
    };
    let arguments = request.arguments.unwrap_or_default();
    let (answers, state) = (request.input_responses, request.request_state);
    let dialogue =
        Dialogue::new(fixture, &context, definition.name, &arguments, answers, state.as_deref())?;
    (definition.answer)(Call { fixture: fixture.clone(), context, arguments, dialogue }).await
}

/// An answer that is a text.
fn text(text: impl Into<String>) -> Answer {
    Ok(CallToolResult::success(vec![ContentBlock::text(text)]).into())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::list;

    #[test]
    fn names_are_unique_and_every_schema_is_one() {
        let tools = list();
        let names: BTreeSet<_> = tools.iter().map(|tool| tool.name.clone()).collect();
        assert_eq!(names.len(), tools.len());
        for tool in tools {
            let schema = serde_json::Value::Object((*tool.input_schema).clone());
            assert!(jsonschema::meta::is_valid(&schema), "{}", tool.name);
        }
    }
}
