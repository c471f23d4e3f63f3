//! Prompts: plain, with arguments, with a resource, with a picture, and one that asks back.

use rmcp::{ErrorData, RoleServer, model::*, service::RequestContext};
use serde_json::json;

use super::{
    Fixture,
    dialogue::{Dialogue, form},
    sample,
};

const SIMPLE: &str = "test_simple_prompt";
const ARGUMENTS: &str = "test_prompt_with_arguments";
const RESOURCE: &str = "test_prompt_with_embedded_resource";
const IMAGE: &str = "test_prompt_with_image";
const ASKING: &str = "test_input_required_result_prompt";

pub(super) fn list() -> Vec<Prompt> {
    let argument = |name: &str, description: &str| {
        PromptArgument::new(name).with_description(description).with_required(true)
    };
    let words = vec![argument("arg1", "The first word."), argument("arg2", "The second word.")];
    let uri = vec![argument("resourceUri", "The address of the resource.")];
    vec![
        Prompt::new(SIMPLE, Some("A prompt without arguments."), None),
        Prompt::new(ARGUMENTS, Some("A prompt with two arguments."), Some(words)),
        Prompt::new(RESOURCE, Some("A prompt with a resource in it."), Some(uri)),
        Prompt::new(IMAGE, Some("A prompt with a picture in it."), None),
        Prompt::new(ASKING, Some("A prompt that asks for its context first."), None),
    ]
}

pub(super) async fn get(
    fixture: &Fixture,
    request: GetPromptRequestParams,
    context: RequestContext<RoleServer>,
) -> Result<GetPromptResponse, ErrorData> {
    let arguments = request.arguments.unwrap_or_default();
    let argument = |name: &str| {
        arguments.get(name).and_then(|value| value.as_str()).ok_or_else(|| {
            ErrorData::invalid_params(format!("the argument `{name}` is required"), None)
        })
    };
    let messages = match request.name.as_str() {
        SIMPLE => vec![text("This is a simple prompt for testing.")],
        ARGUMENTS => vec![text(&format!(
            "Prompt with arguments: arg1='{}', arg2='{}'",
            argument("arg1")?,
            argument("arg2")?
        ))],
        RESOURCE => {
            let resource = ResourceContents::text(
                "Embedded resource content for testing.",
                argument("resourceUri")?,
            )
            .with_mime_type("text/plain");
            vec![
                PromptMessage::new(Role::User, ContentBlock::resource(resource)),
                text("Please process the embedded resource above."),
            ]
        }
        IMAGE => vec![
            PromptMessage::new(Role::User, ContentBlock::image(sample::IMAGE, sample::IMAGE_TYPE)),
            text("Please analyze the image above."),
        ],
        ASKING => {
            let (answers, state) = (request.input_responses, request.request_state);
            let mut dialogue =
                Dialogue::new(fixture, &context, ASKING, &arguments, answers, state.as_deref())?;
            let schema = json!({
                "type": "object", "properties": {"context": {"type": "string"}}, "required": ["context"],
            });
            let question = form("What context should the prompt use?", &schema);
            if let Some(asked) = dialogue.ask(&context, vec![("user_context", question)]).await? {
                return Ok(asked.into());
            }
            let context = &dialogue.answer("user_context")["content"]["context"];
            vec![text(&format!("Use this context: {}", context.as_str().unwrap_or("none")))]
        }
        name => {
            return Err(ErrorData::invalid_params(format!("there is no prompt `{name}`"), None));
        }
    };
    Ok(GetPromptResult::new(messages).into())
}

fn text(text: &str) -> PromptMessage {
    PromptMessage::new_text(Role::User, text)
}
