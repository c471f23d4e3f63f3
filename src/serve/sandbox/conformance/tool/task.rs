//! Tools that go on as tasks, of the extension `io.modelcontextprotocol/tasks`.
//!
//! The tasks are the SDK's, in memory and without an owner, which is enough for what a suite asks; those
//! of connectors are jobs of the runtime.

use std::time::Duration;

use futures_util::future::try_join;
use rmcp::{
    ErrorData,
    model::*,
    task_manager::{TaskContext, TaskExit, TaskFuture, TaskOptions},
};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{
    super::dialogue::form,
    Answer, Call, Definition,
    input::{field, filled, one_text},
    nothing, text,
};

pub(super) const TOOLS: &[Definition] = &[
    Definition {
        name: "greet",
        description: "Says hello, at once.",
        input_schema: || one_text("name", "Who is greeted."),
        answer: |call| Box::pin(async move { text(format!("Hello, {}!", call.text("name"))) }),
    },
    Definition {
        name: "slow_compute",
        description: "Takes some seconds; as a task for clients that follow tasks.",
        input_schema: seconds,
        answer: |call| Box::pin(compute(call)),
    },
    Definition {
        name: "failing_job",
        description: "A task that ends with the error of a tool; nothing for other clients.",
        input_schema: nothing,
        answer: |call| Box::pin(async move { Ok(task(&call, |_| Box::pin(failing()))) }),
    },
    Definition {
        name: "protocol_error_job",
        description: "A task that ends with an error of the protocol; nothing for other clients.",
        input_schema: nothing,
        answer: |call| Box::pin(async move { Ok(task(&call, |_| Box::pin(broken()))) }),
    },
    Definition {
        name: "confirm_delete",
        description: "A task that asks for a yes.",
        input_schema: || one_text("filename", "What would be deleted."),
        answer: |call| Box::pin(async move { Ok(task(&call, |it| Box::pin(confirmed(it)))) }),
    },
    Definition {
        name: "multi_input",
        description: "A task that asks two things at once.",
        input_schema: nothing,
        answer: |call| Box::pin(async move { Ok(task(&call, |it| Box::pin(answered(it)))) }),
    },
    Definition {
        name: "test_tool_with_task",
        description: "Asks for a name, and goes on as a task that greets.",
        input_schema: nothing,
        answer: |call| Box::pin(greeting(call)),
    },
];

/// How often a client shall ask how far a task is, in milliseconds.
const POLL_AFTER_MS: u64 = 100;

/// The schema of what takes its time.
fn seconds() -> Value {
    json!({
        "type": "object",
        "properties": {
            "seconds": {"type": "number", "description": "How long it takes.", "minimum": 0},
            "label": {"type": "string", "description": "What it is called."},
        },
        "required": ["seconds"],
        "additionalProperties": false,
    })
}

/// Goes on as a task. The SDK refuses clients that do not follow tasks.
fn task(call: &Call, work: impl FnOnce(TaskContext) -> TaskFuture) -> CallToolResponse {
    let options = TaskOptions::new().with_poll_interval_ms(POLL_AFTER_MS);
    CreateTaskResult::new(call.fixture.shared.tasks.spawn(options, work)).into()
}

async fn compute(call: Call) -> Answer {
    let seconds = call.arguments.get("seconds").and_then(Value::as_f64).unwrap_or_default();
    let time = Duration::try_from_secs_f64(seconds.min(60.0)).unwrap_or_default();
    let done = format!("Done: {}", call.text("label"));
    let follows = call.context.client_capabilities().is_some_and(|all| all.supports_tasks());
    if !follows || time.is_zero() {
        sleep(time).await;
        return text(done);
    }
    Ok(task(&call, |it| {
        Box::pin(async move {
            tokio::select! {
                () = it.cancelled() => Err(TaskExit::Cancelled),
                () = sleep(time) => Ok(said(done)),
            }
        })
    }))
}

async fn failing() -> Result<CallToolResult, TaskExit> {
    sleep(Duration::from_secs(1)).await;
    Ok(CallToolResult::error(vec![ContentBlock::text("This tool fails whenever it is called")]))
}

async fn broken() -> Result<CallToolResult, TaskExit> {
    Err(ErrorData::internal_error("this tool breaks whenever it is called", None).into())
}

async fn confirmed(task: TaskContext) -> Result<CallToolResult, TaskExit> {
    let question = form("Delete it?", &field("confirm", "boolean"));
    let answer = task.request_input("confirmation", question).await?;
    let is_yes = answer["content"]["confirm"] == true;
    Ok(said(if is_yes { "It would be deleted." } else { "It stays." }))
}

async fn answered(task: TaskContext) -> Result<CallToolResult, TaskExit> {
    let (name, confirm) = (field("name", "string"), field("confirm", "boolean"));
    let name = task.request_input("name", form("What is your name?", &name));
    let confirm = task.request_input("confirm", form("Are you sure?", &confirm));
    let (name, confirm) = try_join(name, confirm).await?;
    Ok(said(format!("{}: {}", filled(&name, "name"), confirm["content"]["confirm"])))
}

async fn greeting(mut call: Call) -> Answer {
    let question = form("What is your name?", &field("name", "string"));
    if let Some(asked) = call.ask(vec![("user_name", question)]).await? {
        return Ok(asked.into());
    }
    let hello = format!("Hello, {}!", filled(call.dialogue.answer("user_name"), "name"));
    Ok(task(&call, |_| Box::pin(async move { Ok(said(hello)) })))
}

fn said(text: impl Into<String>) -> CallToolResult {
    CallToolResult::success(vec![ContentBlock::text(text)])
}
