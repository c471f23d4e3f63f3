//! Tools that ask the client back: its user, its model, its roots; in one round or in several.

use serde_json::{Value, json};

use super::{
    super::dialogue::{can_be_asked, check, form, is_modern, roots, sampling},
    Answer, Call, Definition, nothing, text,
};

pub(super) const TOOLS: &[Definition] = &[
    Definition {
        name: "test_sampling",
        description: "Has the client's model answer a prompt.",
        input_schema: || one_text("prompt", "What the model is asked."),
        answer: |call| Box::pin(model(call)),
    },
    Definition {
        name: "test_elicitation",
        description: "Asks the user for a name and an address.",
        input_schema: || one_text("message", "What the user is shown."),
        answer: |call| Box::pin(contact(call)),
    },
    Definition {
        name: "test_elicitation_sep1034_defaults",
        description: "Asks the user with a form that is filled in already.",
        input_schema: nothing,
        answer: |call| Box::pin(filled_in(call, "Please check these values", defaults())),
    },
    Definition {
        name: "test_elicitation_sep1330_enums",
        description: "Asks the user with a form of every kind of choice.",
        input_schema: nothing,
        answer: |call| Box::pin(filled_in(call, "Please choose", choices())),
    },
    Definition {
        name: "test_streaming_elicitation",
        description: "Asks the user for a yes.",
        input_schema: nothing,
        answer: |call| Box::pin(confirm(call, "Confirmed.")),
    },
    Definition {
        name: "test_missing_capability",
        description: "Works for clients that have a model, and for no others.",
        input_schema: nothing,
        answer: |call| Box::pin(needs_model(call)),
    },
    Definition {
        name: "test_input_required_result_elicitation",
        description: "Asks the user for a name.",
        input_schema: nothing,
        answer: |call| Box::pin(hello(call)),
    },
    Definition {
        name: "test_input_required_result_sampling",
        description: "Asks the client's model for a capital.",
        input_schema: nothing,
        answer: |call| Box::pin(capital(call)),
    },
    Definition {
        name: "test_input_required_result_list_roots",
        description: "Asks the client for its roots.",
        input_schema: nothing,
        answer: |call| Box::pin(count_roots(call)),
    },
    Definition {
        name: "test_input_required_result_request_state",
        description: "Asks the user for a yes, and checks the state that comes back.",
        input_schema: nothing,
        answer: |call| Box::pin(confirm_with_state(call)),
    },
    Definition {
        name: "test_input_required_result_tampered_state",
        description: "Asks the user for a yes, and refuses a state that is not its own.",
        input_schema: nothing,
        answer: |call| Box::pin(confirm_with_state(call)),
    },
    Definition {
        name: "test_input_required_result_multiple_inputs",
        description: "Asks the user, the model and for the roots at once.",
        input_schema: nothing,
        answer: |call| Box::pin(everything(call)),
    },
    Definition {
        name: "test_input_required_result_capabilities",
        description: "Asks the user and the model, as far as the client has them.",
        input_schema: nothing,
        answer: |call| Box::pin(whatever_is_there(call)),
    },
    Definition {
        name: "test_input_required_result_multi_round",
        description: "Asks the user for a name, and then for a color.",
        input_schema: nothing,
        answer: |call| Box::pin(name_and_color(call)),
    },
];

/// The schema of one text that is required.
pub(super) fn one_text(name: &str, description: &str) -> Value {
    json!({
        "type": "object",
        "properties": {name: {"type": "string", "description": description}},
        "required": [name],
        "additionalProperties": false,
    })
}

/// The schema of a form with one field.
pub(super) fn field(name: &str, kind: &str) -> Value {
    json!({"type": "object", "properties": {name: {"type": kind}}, "required": [name]})
}

async fn model(mut call: Call) -> Answer {
    let question = sampling(call.text("prompt"), 100);
    if let Some(asked) = call.ask(vec![("response", question)]).await? {
        return Ok(asked.into());
    }
    text(format!("LLM response: {}", said(call.dialogue.answer("response"))))
}

async fn contact(mut call: Call) -> Answer {
    let schema = json!({
        "type": "object",
        "properties": {
            "username": {"type": "string", "description": "User's response"},
            "email": {"type": "string", "description": "User's email address"},
        },
        "required": ["username", "email"],
    });
    let question = form(call.text("message"), &schema);
    if let Some(asked) = call.ask(vec![("contact", question)]).await? {
        return Ok(asked.into());
    }
    text(format!("User response: {}", outcome(call.dialogue.answer("contact"))))
}

async fn filled_in(mut call: Call, message: &'static str, schema: Value) -> Answer {
    if let Some(asked) = call.ask(vec![("form", form(message, &schema))]).await? {
        return Ok(asked.into());
    }
    text(format!("Elicitation completed: {}", outcome(call.dialogue.answer("form"))))
}

/// Every primitive type with a default (SEP-1034).
fn defaults() -> Value {
    json!({
        "type": "object",
        "properties": {
            "name": {"type": "string", "default": "John Doe"},
            "age": {"type": "integer", "default": 30},
            "score": {"type": "number", "default": 95.5},
            "status": {
                "type": "string", "enum": ["active", "inactive", "pending"], "default": "active",
            },
            "verified": {"type": "boolean", "default": true},
        },
    })
}

/// Every kind of choice (SEP-1330).
fn choices() -> Value {
    let options = json!(["option1", "option2", "option3"]);
    let titled = |noun: &str| {
        let choice = |value, nth| json!({"const": value, "title": format!("{nth} {noun}")});
        json!([choice("value1", "First"), choice("value2", "Second"), choice("value3", "Third")])
    };
    json!({
        "type": "object",
        "properties": {
            "untitledSingle": {"type": "string", "enum": options},
            "titledSingle": {"type": "string", "oneOf": titled("Option")},
            "legacyEnum": {
                "type": "string",
                "enum": ["opt1", "opt2", "opt3"],
                "enumNames": ["Option One", "Option Two", "Option Three"],
            },
            "untitledMulti": {"type": "array", "items": {"type": "string", "enum": options}},
            "titledMulti": {"type": "array", "items": {"anyOf": titled("Choice")}},
        },
    })
}

async fn confirm(mut call: Call, done: &'static str) -> Answer {
    let question = form("Please confirm", &field("ok", "boolean"));
    if let Some(asked) = call.ask(vec![("confirm", question)]).await? {
        return Ok(asked.into());
    }
    match call.dialogue.answer("confirm")["content"]["ok"] == true {
        true => text(done),
        false => text("Not confirmed."),
    }
}

async fn needs_model(call: Call) -> Answer {
    check(&call.context, &sampling("Are you there?", 1))?;
    text("The client has a model.")
}

async fn hello(mut call: Call) -> Answer {
    let question = form("What is your name?", &field("name", "string"));
    if let Some(asked) = call.ask(vec![("user_name", question)]).await? {
        return Ok(asked.into());
    }
    text(format!("Hello, {}!", filled(call.dialogue.answer("user_name"), "name")))
}

async fn capital(mut call: Call) -> Answer {
    let question = sampling("What is the capital of France?", 100);
    if let Some(asked) = call.ask(vec![("capital_question", question)]).await? {
        return Ok(asked.into());
    }
    text(said(call.dialogue.answer("capital_question")))
}

async fn count_roots(mut call: Call) -> Answer {
    if let Some(asked) = call.ask(vec![("client_roots", roots())]).await? {
        return Ok(asked.into());
    }
    text(format!("Roots: {}", call.dialogue.answer("client_roots")["roots"]))
}

/// An answer that comes without the state is no answer: the state is what is tested.
async fn confirm_with_state(mut call: Call) -> Answer {
    if is_modern(&call.context) && !call.dialogue.is_continued {
        call.dialogue.forget();
    }
    confirm(call, "state-ok").await
}

async fn everything(mut call: Call) -> Answer {
    let questions = vec![
        ("user_name", form("What is your name?", &field("name", "string"))),
        ("greeting", sampling("Generate a greeting", 50)),
        ("client_roots", roots()),
    ];
    if let Some(asked) = call.ask(questions).await? {
        return Ok(asked.into());
    }
    let (name, greeting) = (call.dialogue.answer("user_name"), call.dialogue.answer("greeting"));
    text(format!("{} ({})", said(greeting), filled(name, "name")))
}

async fn whatever_is_there(mut call: Call) -> Answer {
    let mut questions = vec![
        ("user_name", form("What is your name?", &field("name", "string"))),
        ("greeting", sampling("Generate a greeting", 50)),
    ];
    questions.retain(|(_, question)| can_be_asked(&call.context, question));
    if questions.is_empty() {
        check(&call.context, &sampling("Are you there?", 1))?;
    }
    if let Some(asked) = call.ask(questions).await? {
        return Ok(asked.into());
    }
    text("Everything that could be asked has been answered.")
}

async fn name_and_color(mut call: Call) -> Answer {
    for (key, message, name) in [
        ("step1", "Step 1: What is your name?", "name"),
        ("step2", "Step 2: What is your favorite color?", "color"),
    ] {
        let question = form(message, &field(name, "string"));
        if let Some(asked) = call.ask(vec![(key, question)]).await? {
            return Ok(asked.into());
        }
    }
    let answer = |key, name| filled(call.dialogue.answer(key), name).to_owned();
    text(format!("{} likes {}.", answer("step1", "name"), answer("step2", "color")))
}

/// What a user has written into a field; nothing where the form was refused.
pub(super) fn filled<'a>(answer: &'a Value, field: &str) -> &'a str {
    answer["content"][field].as_str().unwrap_or("nobody")
}

/// What a model has said.
fn said(answer: &Value) -> &str {
    let content = &answer["content"];
    content["text"].as_str().or_else(|| content[0]["text"].as_str()).unwrap_or("nothing")
}

/// What a user has done with a form.
fn outcome(answer: &Value) -> String {
    let action = answer["action"].as_str().unwrap_or("none");
    format!("action={action}, content={}", answer["content"])
}
