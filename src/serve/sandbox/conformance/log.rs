//! Log messages to the client, where it has asked for them.

use std::sync::{Mutex, PoisonError};

use rmcp::{RoleServer, model::*, service::RequestContext};
use serde_json::json;

use super::{Fixture, dialogue::is_modern};

/// The level that clients before 2026-07-28 have set; one for all, as the suite is one client.
#[expect(
    deprecated,
    reason = "the specification has deprecated logging, and its suite asks for it"
)]
pub(super) struct Level(Mutex<LoggingLevel>);

#[expect(deprecated, reason = "as above")]
impl Default for Level {
    fn default() -> Self {
        Self(Mutex::new(LoggingLevel::Info))
    }
}

#[expect(deprecated, reason = "as above")]
impl Level {
    pub(super) fn set(&self, level: LoggingLevel) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = level;
    }

    fn get(&self) -> LoggingLevel {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Severities in their order; what is not above the level is not sent.
#[expect(deprecated, reason = "as above")]
const ORDER: [LoggingLevel; 8] = [
    LoggingLevel::Debug,
    LoggingLevel::Info,
    LoggingLevel::Notice,
    LoggingLevel::Warning,
    LoggingLevel::Error,
    LoggingLevel::Critical,
    LoggingLevel::Alert,
    LoggingLevel::Emergency,
];

/// Sends an informational message, where the client wants those: since 2026-07-28 it says so with
/// every request, and silence means no.
#[expect(deprecated, reason = "as above")]
pub(super) async fn inform(fixture: &Fixture, context: &RequestContext<RoleServer>, text: &str) {
    let level = match is_modern(context) {
        true => context.meta.log_level(),
        false => Some(fixture.shared.level.get()),
    };
    let rank = |level| ORDER.iter().position(|other| *other == level);
    if level.is_none_or(|level| rank(level) > rank(LoggingLevel::Info)) {
        return;
    }
    let message = LoggingMessageNotificationParam::new(LoggingLevel::Info, json!(text));
    // A client that has gone hears nothing.
    let _ = context.peer.notify_logging_message(message.with_logger("conformance")).await;
}
