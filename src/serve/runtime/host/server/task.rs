//! Jobs as tasks, for clients that declare the extension `io.modelcontextprotocol/tasks` (SEP-2663):
//! from 2026-07-28 on in each request, before that when their session begins.
//!
//! A result of a tool that is an error ends a task as `completed`, which is what the extension wants;
//! `failed` is for errors of the protocol.

use std::time::Instant;

use rmcp::{
    ErrorData, RoleServer,
    model::{
        CallToolResponse, CallToolResult, CancelTaskParams, ClientCapabilities, CreateTaskResult,
        DetailedTask, GetTaskParams, GetTaskResult, Task, TaskPayload, TaskStatus,
        UpdateTaskParams,
    },
    service::RequestContext,
};
use serde_json::{Map, Value};
use tracing::info;

use super::{
    super::super::{
        clock,
        guidance::{Code, Failure},
        jobs::End,
        tool::{Outcome, Progress},
    },
    Server, consent, failed, is_modern, result, trace, unknown,
};

/// The methods of the extension.
pub(super) const METHODS: [&str; 3] = ["tasks/get", "tasks/update", "tasks/cancel"];

/// Whether the client of a request follows tasks.
fn follows(context: &RequestContext<RoleServer>) -> bool {
    context.client_capabilities().is_some_and(|all| all.supports_tasks())
}

/// What a client is told that asks for a task without having declared that it follows them.
pub(super) fn undeclared(context: &RequestContext<RoleServer>) -> Option<ErrorData> {
    let required = || ClientCapabilities::builder().enable_tasks().build();
    (!follows(context)).then(|| ErrorData::missing_required_client_capability(required()))
}

impl Server {
    /// The answer to a call that is answered: a task where it has to wait and the client follows them.
    /// What the user can be asked is not waited for.
    pub(super) async fn answered(
        &self,
        outcome: Outcome,
        call: (&str, Value),
        context: &RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let is_asked = |failure: &Failure| failure.question.is_some() && consent::can_ask(context);
        let failure = match outcome {
            Err(failure) if follows(context) && !is_asked(&failure) => failure,
            outcome => return Ok(result(outcome).into()),
        };
        let (shared, identity, trace) = (&self.shared, self.caller(context)?, trace(context));
        let id = &trace.correlation_id;
        match shared.toolbox.defer(&shared.services, &identity, call, failure, id).await {
            Err(failure) => Ok(failed(&failure).into()),
            Ok(progress) => {
                info!(
                    tenant = identity.tenant,
                    user = identity.subject,
                    tool = progress.job.tool,
                    task = progress.job.id,
                    correlation_id = id,
                    "a call goes on as a task"
                );
                let now = shared.services.clock.now();
                Ok(CreateTaskResult::new(task(&progress, now)).into())
            }
        }
    }

    /// How far a task has come, after it was carried on.
    pub(super) async fn polled(
        &self,
        request: GetTaskParams,
        context: &RequestContext<RoleServer>,
    ) -> Result<GetTaskResult, ErrorData> {
        let (shared, identity, trace) = (&self.shared, self.caller(context)?, trace(context));
        let (services, id) = (&shared.services, &trace.correlation_id);
        let (started, limit) = (Instant::now(), shared.limits.tool);
        let polled = shared.toolbox.poll(services, &identity, &request.task_id, limit, id).await;
        let progress = self.found(polled)?;
        let taken = started.elapsed();
        let tool = shared.toolbox.get(&progress.job.tool).map(|tool| tool.definition.name);
        if let (Some(tool), Some(outcome)) = (tool, progress.outcome) {
            shared.metrics.called(tool, outcome, taken.as_secs_f64());
        }
        let state = progress.job.end.as_ref().map_or("working", |end| match end {
            End::Answered(_) => "completed",
            End::Refused(_) => "refused",
            End::Unknown => "failed",
            End::Cancelled => "cancelled",
        });
        info!(
            tenant = identity.tenant,
            user = identity.subject,
            tool = progress.job.tool,
            task = progress.job.id,
            state,
            milliseconds = u64::try_from(taken.as_millis()).unwrap_or(u64::MAX),
            correlation_id = id,
            trace_id = trace.trace_id,
            "task"
        );
        let payload = payload(&progress, is_modern(context));
        let task = task(&progress, services.clock.now());
        Ok(GetTaskResult::new(DetailedTask::new(task, payload)))
    }

    /// Takes answers to questions of a task. There are none: what can be asked is asked before there
    /// is a task.
    pub(super) async fn updated(
        &self,
        request: UpdateTaskParams,
        context: &RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let (shared, identity, trace) = (&self.shared, self.caller(context)?, trace(context));
        let about = ("tasks/update", request.task_id.as_str());
        let id = &trace.correlation_id;
        self.found(shared.toolbox.own(&shared.services, &identity, about, id).await).map(drop)
    }

    /// Gives a task up.
    pub(super) async fn cancelled(
        &self,
        request: CancelTaskParams,
        context: &RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let (shared, identity, trace) = (&self.shared, self.caller(context)?, trace(context));
        let (services, id) = (&shared.services, &trace.correlation_id);
        let given_up = shared.toolbox.give_up(services, &identity, &request.task_id, id).await;
        self.found(given_up).map(drop)
    }

    /// What was found, or the same bytes for what is somebody else's and what has never been.
    fn found<T>(&self, found: Result<Option<T>, Failure>) -> Result<T, ErrorData> {
        match found {
            Ok(Some(found)) => Ok(found),
            Ok(None) => {
                self.shared.metrics.refused("unknown_task");
                Err(ErrorData::invalid_params("task not found", None))
            }
            Err(failure) if failure.code == Code::NotPermitted => {
                let message = failure.message.clone();
                Err(ErrorData::invalid_request(message, Some(failure.envelope())))
            }
            Err(failure) => {
                let message = failure.message.clone();
                Err(ErrorData::internal_error(message, Some(failure.envelope())))
            }
        }
    }
}

fn task(progress: &Progress, now: i64) -> Task {
    let Progress { job, waits_for, .. } = progress;
    let (created, updated) = (clock::written(job.created_at), clock::written(job.updated_at));
    let mut task = Task::new(job.id.clone(), TaskStatus::Working, created, updated)
        .with_ttl_ms(job.lifetime_ms());
    task.status_message = match &job.end {
        None => waits_for.clone(),
        Some(End::Answered(_)) => None,
        Some(End::Refused(envelope)) => envelope["error"]["message"].as_str().map(str::to_owned),
        Some(End::Unknown) => Some("the tool is not there any more for this user".to_owned()),
        Some(End::Cancelled) => Some("given up; nothing was changed".to_owned()),
    };
    if job.end.is_none() {
        task.poll_interval_ms = Some(job.poll_after_ms(now));
    }
    task
}

/// What a task has with it: the very result that the call would have had.
fn payload(progress: &Progress, is_modern: bool) -> TaskPayload {
    let result = match &progress.job.end {
        None => return TaskPayload::Working,
        Some(End::Cancelled) => return TaskPayload::Cancelled,
        Some(End::Unknown) => return TaskPayload::Failed { error: members(&unknown()) },
        Some(End::Answered(answer)) => CallToolResult::structured(answer.clone()),
        Some(End::Refused(envelope)) => CallToolResult::structured_error(envelope.clone()),
    };
    let mut result = members(&result);
    if !is_modern {
        result.remove("resultType");
    }
    TaskPayload::Completed { result }
}

fn members(value: &impl serde::Serialize) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(members)) => members,
        _ => unreachable!("a result and an error are objects"),
    }
}
