//! Exports as tasks, for clients that declare the extension `io.modelcontextprotocol/tasks`.

use rmcp::{
    ErrorData, RoleServer,
    model::{
        CallToolResult, DetailedTask, GetTaskResult, ProtocolVersion, Task, TaskPayload, TaskStatus,
    },
    service::RequestContext,
};
use serde_json::{Map, Value, json};

use super::{
    Bank, Shared,
    bug::Bug,
    export::{self, Export, POLL_AFTER_MS, Stage},
};
use crate::serve::runtime::{clock, identity::Identity, store::StoreError};

/// Whether the client of a request follows tasks.
pub(super) fn follows(context: &RequestContext<RoleServer>) -> bool {
    context.client_capabilities().is_some_and(|all| all.supports_tasks())
}

/// The task that the answer of export_statement is; none where its export is gone.
pub(super) async fn of_reply(
    bank: &Shared,
    identity: &Identity,
    reply: &Value,
) -> Result<Option<Task>, ErrorData> {
    let id = reply["export"]["export_id"].as_str().unwrap_or_default();
    let found = export::find(&*bank.store, &identity.tenant, id).await.map_err(|it| broken(&it))?;
    Ok(found.map(|export| written(&export, export.stage(bank))))
}

/// How far a task is.
pub(super) async fn get(
    bank: &Bank,
    id: &str,
    context: &RequestContext<RoleServer>,
) -> Result<GetTaskResult, ErrorData> {
    let (identity, shared) = (bank.caller(context)?, &bank.shared);
    let export = own(shared, &identity, id).await?;
    let stage = export.stage(shared);
    let payload = match stage {
        Stage::Running => TaskPayload::Working,
        Stage::Cancelled => TaskPayload::Cancelled,
        Stage::Ready => {
            let written = export.written(shared, &identity).await;
            let written = written
                .map_err(|failure| ErrorData::internal_error(failure.message.clone(), None))?;
            let content = json!({"export": written, "receipt_id": export.receipt()});
            let mut result = members(&CallToolResult::structured(content));
            let version = context.protocol_version();
            if version.is_none_or(|version| version < ProtocolVersion::V_2026_07_28) {
                result.remove("resultType");
            }
            TaskPayload::Completed { result }
        }
    };
    Ok(GetTaskResult::new(DetailedTask::new(written(&export, stage), payload)))
}

/// Gives a task up.
pub(super) async fn cancel(
    bank: &Bank,
    id: &str,
    context: &RequestContext<RoleServer>,
) -> Result<(), ErrorData> {
    let (identity, shared) = (bank.caller(context)?, &bank.shared);
    let export = own(shared, &identity, id).await?;
    if shared.bugs.has(Bug::CancelIgnored) {
        return Ok(());
    }
    let now = shared.clock.now();
    let cancelled = export::cancel(&*shared.store, &identity.tenant, &export.id, now).await;
    cancelled.map_err(|fault| broken(&fault))
}

/// An export of this user.
async fn own(bank: &Shared, identity: &Identity, id: &str) -> Result<Export, ErrorData> {
    let found = export::find(&*bank.store, &identity.tenant, id).await.map_err(|it| broken(&it))?;
    let found = found.filter(|export| export.actor == identity.principal());
    let found = found.filter(|_| !bank.bugs.has(Bug::TaskNotPollable));
    found.ok_or_else(|| ErrorData::invalid_params("task not found", None))
}

fn written(export: &Export, stage: Stage) -> Task {
    let at = clock::written(export.requested_at);
    let updated = clock::written(export.cancelled_at.unwrap_or(export.requested_at));
    let mut task = Task::new(export.id.clone(), TaskStatus::Working, at, updated);
    task.poll_interval_ms = (stage == Stage::Running).then_some(POLL_AFTER_MS);
    task
}

fn broken(fault: &StoreError) -> ErrorData {
    tracing::error!(%fault, "tasks cannot be read");
    ErrorData::internal_error("tasks cannot be read at the moment", None)
}

fn members(value: &impl serde::Serialize) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(members)) => members,
        _ => unreachable!("a result is an object"),
    }
}
