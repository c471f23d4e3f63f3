//! Tools that tell the client something while they work: progress, log messages, changes.

use std::time::Duration;

use rmcp::model::*;
use tokio::time::sleep;

use super::{
    super::{change::Change, dialogue::is_modern, log::inform},
    Answer, Call, Definition, nothing, text,
};

/// Between two notices, so that a client sees them come one by one.
const PAUSE: Duration = Duration::from_millis(50);

pub(super) const TOOLS: &[Definition] = &[
    Definition {
        name: "test_tool_with_progress",
        description: "Reports its progress three times.",
        input_schema: nothing,
        answer: |call| Box::pin(progress(call)),
    },
    Definition {
        name: "test_tool_with_logging",
        description: "Logs three messages while it works.",
        input_schema: nothing,
        answer: |call| Box::pin(logging(call)),
    },
    Definition {
        name: "test_logging_tool",
        description: "Logs messages to whoever has asked for some.",
        input_schema: nothing,
        answer: |call| Box::pin(logging(call)),
    },
    Definition {
        name: "test_trigger_tool_change",
        description: "Announces that the list of tools has changed.",
        input_schema: nothing,
        answer: |call| Box::pin(announce(call, Change::Tools)),
    },
    Definition {
        name: "test_trigger_prompt_change",
        description: "Announces that the list of prompts has changed.",
        input_schema: nothing,
        answer: |call| Box::pin(announce(call, Change::Prompts)),
    },
];

async fn progress(call: Call) -> Answer {
    let token = call.context.meta.get_progress_token();
    for (index, done) in [0.0, 50.0, 100.0].into_iter().enumerate() {
        if index > 0 {
            sleep(PAUSE).await;
        }
        if let Some(token) = &token {
            let notice = ProgressNotificationParam::new(token.clone(), done).with_total(100.0);
            // A client that has gone hears nothing.
            let _ = call.context.peer.notify_progress(notice).await;
        }
    }
    text("Progress has been reported.")
}

async fn logging(call: Call) -> Answer {
    let messages = ["Tool execution started", "Tool processing data", "Tool execution completed"];
    for (index, message) in messages.into_iter().enumerate() {
        if index > 0 {
            sleep(PAUSE).await;
        }
        inform(&call.fixture, &call.context, message).await;
    }
    text("Messages have been logged.")
}

async fn announce(call: Call, change: Change) -> Answer {
    let context = &call.context;
    call.fixture.shared.changes.announce(change, &context.peer, is_modern(context)).await;
    text("The change has been announced.")
}
