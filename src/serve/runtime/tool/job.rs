//! Calls that go on as jobs: their beginning, being asked for, and being given up.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use tracing::{error, warn};

use super::{
    super::{
        audit::{self, Concealed, Entry, Phase},
        guidance::{Code, Failure, Next},
        idempotency::{Known, Request},
        identity::Identity,
        jobs::{self, Begun, Bounds, End, Job, New},
        store::StoreError,
    },
    Call, Effect, Services, Toolbox,
    arguments::without_nulls,
    change::conflict,
    outage,
    toolbox::{Asked, Unknown},
};

/// A job, as its owner finds it.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// The job.
    pub job: Job,
    /// What it waits for, in words, while it does.
    pub waits_for: Option<String>,
    /// What came of carrying it on just now: `ok`, or the code of the failure. Nothing where it was not
    /// carried on.
    pub outcome: Option<&'static str>,
}

impl Toolbox {
    /// Lets a call that has failed go on as a job, where it has failed because it waits for somebody
    /// or takes too long. A call that is repeated goes on as the same job.
    ///
    /// # Errors
    ///
    /// What the call is answered otherwise: also where there are too many jobs, or none can be stored.
    pub async fn defer(
        &self,
        services: &Arc<Services>,
        identity: &Arc<Identity>,
        (tool, mut arguments): (&str, Value),
        failure: Failure,
        correlation_id: &str,
    ) -> Result<Progress, Failure> {
        let tool = self.get(tool).map(|tool| tool.definition);
        let waits = matches!(failure.code, Code::ApprovalRequired | Code::DeadlineExceeded);
        let Some(tool) = tool.filter(|tool| waits && tool.effect != Effect::Reads) else {
            return Err(failure);
        };
        let bounds = Bounds::default();
        without_nulls(&mut arguments);
        let Ok(request) = Request::of(identity, tool.name, &arguments) else { return Err(failure) };
        if arguments.to_string().len() > bounds.bytes {
            return Err(failure);
        }
        let new = New::of(request, arguments);
        let job = match begin(self, services, identity, &new, &bounds, correlation_id).await {
            Ok(Some(job)) => job,
            Ok(None) => {
                warn!(tenant = identity.tenant, user = identity.subject, "there are too many jobs");
                return Err(failure);
            }
            Err(fault) => {
                error!(%fault, correlation_id, "a job cannot be stored");
                return Err(failure);
            }
        };
        if job.fingerprint != new.request.fingerprint {
            let mut conflict = conflict();
            correlation_id.clone_into(&mut conflict.correlation_id);
            return Err(conflict);
        }
        Ok(Progress { job, waits_for: Some(failure.message.clone()), outcome: None })
    }

    /// How far a job has come, after it was carried on as the user who asks. None where they have no
    /// such job.
    ///
    /// # Errors
    ///
    /// Where that cannot be found out.
    pub async fn poll(
        &self,
        services: &Arc<Services>,
        identity: &Arc<Identity>,
        id: &str,
        deadline: Duration,
        correlation_id: &str,
    ) -> Result<Option<Progress>, Failure> {
        let Some(job) = self.own(services, identity, ("tasks/get", id), correlation_id).await?
        else {
            return Ok(None);
        };
        if let Some(scopes) = self.lacking_scopes(services, identity, &job.tool) {
            // That is a matter of this token and not of the job; nor does it see what came of it.
            let scopes = scopes.join(" ");
            let waits_for = Some(format!("a request whose token has the scopes {scopes}"));
            return Ok(Some(Progress { job: Job { end: None, ..job }, waits_for, outcome: None }));
        }
        if job.end.is_some() {
            return Ok(Some(Progress { job, waits_for: None, outcome: None }));
        }
        let asked = Asked { name: &job.tool, arguments: job.arguments.clone(), job: Some(&job) };
        let outcome = self.carry_out(services, identity, asked, deadline, correlation_id).await;
        let result = match &outcome {
            Ok(Ok(_)) => Some("ok"),
            Ok(Err(failure)) => Some(failure.code.name()),
            Err(Unknown) => None,
        };
        let (end, waits_for) = match outcome {
            // It has ended together with the change.
            Ok(Ok(reply)) if !reply.is_replayed => (None, None),
            Ok(Ok(reply)) => (Some(End::Answered(reply.content)), None),
            Ok(Err(failure)) if failure.retryable => (None, Some(failure.message.clone())),
            Ok(Err(failure)) => (Some(End::Refused(failure.envelope())), None),
            Err(Unknown) => (Some(End::Unknown), None),
        };
        if let Some(end) = end {
            ended(services, &job, &end).await.map_err(|it| store_failure(&it, correlation_id))?;
        }
        // As it is now, whoever has ended it.
        let now = services.clock.now();
        let found = jobs::find(&*services.store, (&job.tenant, &job.owner), id, now).await;
        let found = found.map_err(|fault| store_failure(&fault, correlation_id))?;
        let waits_for = |job: &Job| waits_for.filter(|_| job.end.is_none());
        Ok(found.map(|job| Progress { waits_for: waits_for(&job), job, outcome: result }))
    }

    /// Gives a job up; where its change was made already, it has ended with that. None where this user
    /// has no such job.
    ///
    /// # Errors
    ///
    /// Where the token lacks what the call takes, or it cannot be stored.
    pub async fn give_up(
        &self,
        services: &Arc<Services>,
        identity: &Arc<Identity>,
        id: &str,
        correlation_id: &str,
    ) -> Result<Option<Job>, Failure> {
        let Some(job) = self.own(services, identity, ("tasks/cancel", id), correlation_id).await?
        else {
            return Ok(None);
        };
        // Whoever may not make the call does not give it up either.
        if let Some(scopes) = self.lacking_scopes(services, identity, &job.tool) {
            let (asked, code) = (json!({"task": id}), Code::NotPermitted);
            self.refuse(services, identity, "tasks/cancel", &asked, code, correlation_id).await?;
            let scopes = scopes.join(" ");
            let message =
                format!("the task stays as it is: the token lacks one of the scopes {scopes}");
            let next = Next::ask_user(format!("ask again with a token that has {scopes}"));
            let mut failure = Failure::new(code, message, next);
            correlation_id.clone_into(&mut failure.correlation_id);
            return Err(failure);
        }
        if job.end.is_some() {
            return Ok(Some(job));
        }
        let given_up = give_up(self, services, identity, &job, correlation_id).await;
        given_up.map_err(|fault| store_failure(&fault, correlation_id))?;
        Ok(Some(job))
    }

    /// A job of the user who asks. That somebody asks for one that is not theirs is written down.
    pub async fn own(
        &self,
        services: &Arc<Services>,
        identity: &Arc<Identity>,
        (method, id): (&str, &str),
        correlation_id: &str,
    ) -> Result<Option<Job>, Failure> {
        let (owner, now) = (identity.principal(), services.clock.now());
        let found = jobs::find(&*services.store, (&identity.tenant, &owner), id, now).await;
        let found = found.map_err(|fault| store_failure(&fault, correlation_id))?;
        if found.is_none() {
            let (asked, code) = (json!({"task": id}), Code::NotFound);
            self.refuse(services, identity, method, &asked, code, correlation_id).await?;
        }
        Ok(found)
    }

    /// The record of what is done with a job.
    fn step(
        &self,
        services: &Arc<Services>,
        identity: &Arc<Identity>,
        (tool, key, arguments, id): (&'static str, &str, &Value, &str),
        phase: Phase,
        correlation_id: &str,
    ) -> Entry {
        let call = Call::new(
            Arc::clone(identity),
            services.policy.principal(identity),
            Arc::clone(services),
            tool,
            correlation_id.to_owned(),
        );
        call.touches(id);
        let (arguments, now) = (Concealed::json(arguments), services.clock.now());
        let mut entry = call.entry(self.connector(), arguments, audit::Outcome::ok(), now);
        entry.phase = phase;
        entry.idempotency_key = Some(Concealed::text(key));
        entry
    }
}

/// Begins a job, or finds the one that goes on under its key; none where there are too many.
async fn begin(
    toolbox: &Toolbox,
    services: &Arc<Services>,
    identity: &Arc<Identity>,
    new: &New,
    bounds: &Bounds,
    correlation_id: &str,
) -> Result<Option<Job>, StoreError> {
    let now = services.clock.now();
    if let Some(job) = jobs::open(&*services.store, &new.request, now).await? {
        return Ok(Some(job));
    }
    let mut transaction = services.store.begin().await?;
    let job = match jobs::begin(&mut *transaction, new, now).await? {
        Begun::New(job) => job,
        Begun::Known(job) => {
            transaction.rollback().await?;
            return Ok(Some(job));
        }
    };
    let about = (new.request.tool, new.request.key.as_str(), &new.arguments, new.id.as_str());
    let entry = toolbox.step(services, identity, about, Phase::Defer, correlation_id);
    let appended = services.trail.append_in(&mut *transaction, entry).await?;
    if jobs::are_too_many(&mut *transaction, &new.request, bounds).await? {
        transaction.rollback().await?;
        return Ok(None);
    }
    transaction.commit().await?;
    services.trail.committed(appended);
    Ok(Some(job))
}

async fn give_up(
    toolbox: &Toolbox,
    services: &Arc<Services>,
    identity: &Arc<Identity>,
    job: &Job,
    correlation_id: &str,
) -> Result<(), StoreError> {
    let now = services.clock.now();
    let tool = toolbox.get(&job.tool).map_or("", |tool| tool.definition.name);
    let request = Request {
        tenant: job.tenant.clone(),
        actor: job.owner.clone(),
        tool,
        key: job.key.clone(),
        fingerprint: job.fingerprint.clone(),
    };
    let mut transaction = services.store.begin().await?;
    // The call may have been repeated without the job. Whoever is making its change holds the key, so
    // that this waits until it is known whether it was made.
    let end = match request.take(&mut *transaction, now).await? {
        Ok(taken) => {
            taken.give_back(&mut *transaction).await?;
            End::Cancelled
        }
        Err(Known::Answered(answer)) => End::Answered(answer),
        // Whoever has claimed it goes on.
        Err(Known::InFlight { .. }) => return transaction.rollback().await,
        Err(Known::Conflict | Known::Abandoned(_)) => End::Cancelled,
    };
    if !jobs::end(&mut *transaction, job, &end, now).await? {
        return transaction.rollback().await;
    }
    let appended = match end {
        End::Cancelled => {
            let about = (tool, job.key.as_str(), &job.arguments, job.id.as_str());
            let entry = toolbox.step(services, identity, about, Phase::Cancel, correlation_id);
            Some(services.trail.append_in(&mut *transaction, entry).await?)
        }
        _ => None,
    };
    transaction.commit().await?;
    if let Some(appended) = appended {
        services.trail.committed(appended);
    }
    Ok(())
}

async fn ended(services: &Services, job: &Job, end: &End) -> Result<(), StoreError> {
    let mut transaction = services.store.begin().await?;
    jobs::end(&mut *transaction, job, end, services.clock.now()).await?;
    transaction.commit().await
}

fn store_failure(fault: &StoreError, correlation_id: &str) -> Failure {
    let mut failure = outage(fault, "jobs cannot be read at the moment");
    correlation_id.clone_into(&mut failure.correlation_id);
    failure
}

#[cfg(test)]
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod tests;
