//! A call: from raw arguments to an answer.

use rmcp::{
    ErrorData, RoleServer,
    model::{CallToolResponse, CallToolResult, CreateTaskResult},
    service::RequestContext,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Bank, Shared,
    account::{self, Filter},
    bug::Bug,
    error::{self, Refusal, no_account, no_export, replayed, store_failure},
    export, ledger, request,
    surface::{DEFAULT_LIMIT, Listed, Tool},
    task,
    waiting::Waiting,
    write::Write,
};
use crate::serve::runtime::{
    guidance::{Failure, Next},
    host::Trace,
    idempotency::ARGUMENT,
    identity::Identity,
    tool::{with_integers, without_nulls},
};

/// Carries out a call.
pub(super) async fn carry_out(
    bank: &Bank,
    tool: Tool,
    arguments: Value,
    context: &RequestContext<RoleServer>,
) -> Result<CallToolResponse, ErrorData> {
    let identity = bank.caller(context)?;
    let arguments = if arguments.is_null() { json!({}) } else { arguments };
    let correlation_id = Trace::new(context.meta.get_traceparent()).correlation_id;
    let shared = &bank.shared;
    let waiting = Waiting { bank: shared, context, departed: &bank.departed };
    let outcome = match tool.writes() {
        true => made(waiting, &identity, tool, arguments, &correlation_id).await,
        false => read(&waiting, &identity, tool, arguments).await.map_err(Refusal::from),
    };
    match outcome {
        Err(refusal) => error::answer(&shared.bugs, refusal, &correlation_id),
        Ok(reply) => {
            if tool.writes() && !reply.is_replayed {
                bank.note_answered(tool.name(), context);
            }
            if tool == Tool::ExportStatement
                && task::follows(context)
                && let Some(task) = task::of_reply(shared, &identity, &reply.content).await?
            {
                let mut created = CreateTaskResult::new(task);
                created.meta = reply.is_replayed.then(replayed);
                return Ok(created.into());
            }
            let mut result = CallToolResult::structured(reply.content);
            result.meta = reply.is_replayed.then(replayed);
            Ok(result.into())
        }
    }
}

/// Brings arguments into the form that is checked: without null, with whole numbers as integers, and
/// with what is left out.
fn filled(listed: &Listed, sent: &Value) -> Value {
    let mut filled = sent.clone();
    with_integers(&mut filled);
    if let Some(members) = filled.as_object_mut() {
        for (name, default) in listed.defaults() {
            if !members.contains_key(name) {
                members.insert(name.clone(), default.clone());
            }
        }
    }
    filled
}

/// Checks arguments against the schema that is listed.
fn checked(listed: &Listed, arguments: &Value) -> Result<(), Failure> {
    listed.checker.check(arguments).map_err(|failure| {
        if failure.expected.is_some() {
            return failure;
        }
        // An argument that is missing is expected to be what its description says.
        let argument = failure.argument.clone().unwrap_or_default();
        let argument = argument.trim_start_matches('/');
        let expected = listed.described(argument).unwrap_or("an argument of the input schema");
        let (expected, got) = (expected.to_owned(), arguments.pointer(&format!("/{argument}")));
        let got = got.map_or_else(|| "nothing".to_owned(), Value::to_string);
        failure.mismatch(expected, got)
    })
}

async fn made(
    waiting: Waiting<'_>,
    identity: &Identity,
    tool: Tool,
    mut sent: Value,
    correlation_id: &str,
) -> Result<ledger::Reply, Refusal> {
    let bank = waiting.bank;
    let listed = bank.listed(tool);
    without_nulls(&mut sent);
    if !sent.is_object() {
        // What has no arguments has no key either.
        checked(listed, &sent)?;
    }
    let arguments = filled(listed, &sent);
    let request = request::of(bank, identity, tool, (&sent, &arguments))?;
    let checked = match &request {
        // A key that counts for nothing is not checked either.
        None if bank.bugs.has(Bug::KeyIgnoredWhenEmpty) && tool.takes_key(&bank.bugs) => {
            let mut others = arguments.clone();
            if let Some(members) = others.as_object_mut() {
                members.insert(ARGUMENT.to_owned(), "no-key-no-key-no-key".into());
            }
            checked(listed, &others)
        }
        _ => checked(listed, &arguments),
    };
    let id = Uuid::new_v4().simple().to_string();
    let write = Write {
        waiting,
        tool,
        identity,
        arguments: &arguments,
        id: id[..16].to_owned(),
        correlation_id: correlation_id.to_owned(),
        now: bank.clock.now(),
    };
    ledger::once(&write, request.as_ref(), checked).await
}

async fn read(
    waiting: &Waiting<'_>,
    identity: &Identity,
    tool: Tool,
    mut sent: Value,
) -> Result<ledger::Reply, Failure> {
    let bank = waiting.bank;
    without_nulls(&mut sent);
    let listed = bank.listed(tool);
    let arguments = filled(listed, &sent);
    checked(listed, &arguments)?;
    let content = match tool {
        Tool::GetAccount => get_account(waiting, identity, &arguments).await,
        Tool::ListEntries => list_entries(bank, identity, &arguments).await,
        _ => get_export(bank, identity, &arguments).await,
    };
    Ok(ledger::Reply { content: content?, is_replayed: false })
}

async fn get_account(
    waiting: &Waiting<'_>,
    identity: &Identity,
    arguments: &Value,
) -> Result<Value, Failure> {
    let Shared { bugs, pace, store, .. } = waiting.bank;
    let slow =
        [(Bug::SlowSync, pace.slow), (Bug::NearLimit, pace.near), (Bug::NoProgress, pace.silent)];
    for (bug, time) in slow {
        if bugs.has(bug) {
            waiting.pass(time).await?;
        }
    }
    let id = arguments["account_id"].as_str().unwrap_or_default();
    let found = account::find(&**store, &identity.tenant, id).await;
    let account = found.map_err(|fault| store_failure(&fault))?.ok_or_else(|| no_account(id))?;
    Ok(json!({"account": account.written()}))
}

async fn list_entries(
    bank: &Shared,
    identity: &Identity,
    arguments: &Value,
) -> Result<Value, Failure> {
    let text = |name: &str| arguments[name].as_str().unwrap_or_default();
    let (id, kind) = (text("account_id"), text("kind"));
    let limit = arguments["limit"].as_i64().unwrap_or(DEFAULT_LIMIT);
    let tenant = &identity.tenant;
    if !id.is_empty() {
        let found = account::find(&*bank.store, tenant, id).await;
        found.map_err(|fault| store_failure(&fault))?.ok_or_else(|| no_account(id))?;
    }
    let bound = [identity.principal(), "list_entries".to_owned(), id.to_owned(), kind.to_owned()];
    let after: (i64, String) = match text("cursor") {
        "" => (i64::MAX, String::new()),
        cursor => bank.seal.open(&bound, cursor).ok_or_else(|| {
            let hint = "leave `cursor` out to begin anew, with the same other arguments";
            let message = "`cursor` is none of this list";
            let next = Next::fix_arguments(hint);
            Failure::invalid_argument("/cursor", message, next.hint).mismatch(
                "next_cursor of the page before",
                cursor.chars().take(80).collect::<String>(),
            )
        })?,
    };
    let filter = Filter { account_id: id, kind };
    let found =
        account::entries(&*bank.store, tenant, filter, (after.0, &after.1), limit + 1).await;
    let mut entries = found.map_err(|fault| store_failure(&fault))?;
    let page = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = entries.len() > page;
    entries.truncate(page);
    let written: Vec<Value> = entries.iter().map(account::Entry::written).collect();
    let mut answer = json!({"entries": written});
    if let Some(last) = entries.last().filter(|_| has_more) {
        answer["next_cursor"] = bank.seal.close(&bound, &(last.created_at, &last.id)).into();
    }
    Ok(answer)
}

async fn get_export(
    bank: &Shared,
    identity: &Identity,
    arguments: &Value,
) -> Result<Value, Failure> {
    let id = arguments["export_id"].as_str().unwrap_or_default();
    let found = export::find(&*bank.store, &identity.tenant, id).await;
    let found = found.map_err(|fault| store_failure(&fault))?;
    // The sample is not one that was begun.
    let is_lost =
        |export: &export::Export| bank.bugs.has(Bug::TaskNotPollable) && !export.actor.is_empty();
    let export = found.filter(|it| !is_lost(it)).ok_or_else(|| no_export(id))?;
    Ok(json!({"export": export.written(bank, identity).await?}))
}
