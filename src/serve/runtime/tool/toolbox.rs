//! All tools of a server: what is listed to whom, and what is done around every call.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError, atomic::AtomicBool},
    time::Duration,
};

use futures_util::FutureExt;
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use tokio::time::timeout;
use tracing::{error, warn};

use super::{
    super::{
        audit::{self, Concealed, Entry},
        guidance::{Code, Effect, Failure, Next},
        idempotency,
        identity::Identity,
        jobs::Job,
        policy::Principal,
    },
    Asks, Call, Change, Definition, Review, Services, Tool,
    arguments::{Checker, mistyped, with_integers, without_nulls},
    change::{Attempt, Make, same_again},
    outage::outage,
    schema,
};

/// The tools of a server, with their schemas made and compiled.
pub struct Toolbox {
    /// The name of the connector, for the trail.
    connector: &'static str,
    tools: BTreeMap<&'static str, Boxed>,
    /// What is known of proposals, where a second person decides about any.
    pub(super) review: Option<Box<dyn Review>>,
    /// The tools and the policies that have failed to say who sees them: each is logged once, because
    /// it is asked in every request.
    faults: Mutex<BTreeSet<(&'static str, Vec<String>)>>,
}

/// Characters that the trail keeps of the name of a tool that there is not.
const MAX_NAME: usize = 64;

/// What is asked of a tool.
pub(super) struct Asked<'a> {
    /// The name of the tool.
    pub(super) name: &'a str,
    pub(super) arguments: Value,
    /// The job that it goes on as.
    pub(super) job: Option<&'a Job>,
}

/// A tool without its types.
pub(super) struct Boxed {
    definition: Definition,
    input_schema: Arc<Map<String, Value>>,
    output_schema: Arc<Map<String, Value>>,
    input: Checker,
    output: Checker,
    asks: Asks,
    act: Act,
}

/// What a tool does when it is called.
enum Act {
    Run(Box<dyn Run>),
    Make(Box<dyn Make>),
}

/// A tool that reads, without its types.
trait Run: Send + Sync {
    fn run<'a>(&'a self, call: &'a Call, arguments: Value) -> Running<'a>;
}

type Running<'a> = Pin<Box<dyn Future<Output = Result<Value, Failure>> + Send + 'a>>;

impl<T: Tool> Run for T {
    fn run<'a>(&'a self, call: &'a Call, arguments: Value) -> Running<'a> {
        Box::pin(async move {
            let arguments = typed(T::DEFINITION.name, arguments)?;
            let answer = self.call(call, arguments).await?;
            written(T::DEFINITION.name, &answer)
        })
    }
}

/// Arguments that are as the schema says, as their type.
pub(super) fn typed<A: DeserializeOwned>(
    tool: &'static str,
    arguments: Value,
) -> Result<A, Failure> {
    serde_path_to_error::deserialize(arguments).map_err(|fault| {
        // The schema comes from the type, so that it should have refused this.
        warn!(tool, %fault, "arguments pass the schema and not the type");
        mistyped(&fault)
    })
}

/// An answer as JSON.
pub(super) fn written(tool: &'static str, answer: &impl Serialize) -> Result<Value, Failure> {
    serde_json::to_value(answer).map_err(|fault| {
        error!(tool, %fault, "an output cannot be written as JSON");
        Failure::internal()
    })
}

/// A tool as it is listed.
#[derive(Debug, Clone, Copy)]
pub struct Listed<'a> {
    /// Name, description and hints.
    pub definition: &'a Definition,
    /// The schema of the arguments.
    pub input_schema: &'a Arc<Map<String, Value>>,
    /// The schema of the answer.
    pub output_schema: &'a Arc<Map<String, Value>>,
    /// Whether it asks somebody first.
    pub asks: Asks,
}

/// The answer to a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// What the tool answers.
    pub content: Value,
    /// Whether it was answered so before, to a request with the same idempotency key.
    pub is_replayed: bool,
}

/// The answer to a call, or the error that it is.
pub type Outcome = Result<Reply, Failure>;

/// There is no such tool, or this user may not know of it; the two are not told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unknown;

impl Toolbox {
    /// The toolbox of a connector, without tools yet.
    pub fn of(connector: &'static str) -> Self {
        Self { connector, tools: BTreeMap::new(), review: None, faults: Mutex::default() }
    }

    /// The name of the connector.
    pub(super) fn connector(&self) -> &'static str {
        self.connector
    }

    /// Adds a tool.
    ///
    /// # Panics
    ///
    /// If a tool of this name is there already, which is a mistake of the connector.
    #[must_use]
    pub fn with<T: Tool>(self, tool: T) -> Self {
        self.add::<T::Arguments, T::Output>(T::DEFINITION, Asks::Never, Act::Run(Box::new(tool)))
    }

    /// Adds a tool that changes something.
    ///
    /// # Panics
    ///
    /// If a tool of this name is there already, or its arguments have no idempotency key, which are
    /// mistakes of the connector.
    #[must_use]
    pub fn with_change<T: Change>(self, tool: T) -> Self {
        self.add::<T::Arguments, T::Output>(T::DEFINITION, T::ASKS, Act::Make(Box::new(tool)))
    }

    /// Says what the proposals mean that are made for the tools, so that a second person can decide.
    #[must_use]
    pub fn with_review(mut self, review: impl Review) -> Self {
        self.review = Some(Box::new(review));
        self
    }

    fn add<A: JsonSchema, O: JsonSchema>(
        mut self,
        definition: Definition,
        asks: Asks,
        act: Act,
    ) -> Self {
        let input_schema = schema::of_input::<A>();
        let output_schema = schema::of_output::<super::Answer<O>>();
        let arguments = input_schema.get("properties").and_then(Value::as_object);
        let has_key = arguments.is_some_and(|it| it.contains_key(idempotency::ARGUMENT));
        let name = definition.name;
        assert_eq!(has_key, matches!(act, Act::Make(_)), "`{name}` changes nothing, or has no key");
        let boxed = Boxed {
            definition,
            input: Checker::new(&input_schema),
            output: Checker::new(&output_schema),
            input_schema: Arc::new(input_schema),
            output_schema: Arc::new(output_schema),
            asks,
            act,
        };
        assert!(self.tools.insert(name, boxed).is_none(), "two tools are called `{name}`");
        self
    }

    /// Every tool by name, whoever may see it.
    pub fn all(&self) -> impl Iterator<Item = Listed<'_>> {
        self.tools.values().map(Boxed::listed)
    }

    /// A tool by name, whoever may see it.
    pub fn get(&self, name: &str) -> Option<Listed<'_>> {
        self.tools.get(name).map(Boxed::listed)
    }

    /// The tools that a user may see, by name: those that the policy would let them call on
    /// something of their tenant, given the scopes that the tools need. A token may lack scopes that
    /// its user can get, which is said when they call.
    pub fn visible<'a>(
        &'a self,
        services: &'a Services,
        identity: &'a Identity,
    ) -> impl Iterator<Item = Listed<'a>> {
        let principal = services.policy.principal(identity);
        self.all()
            .filter(move |tool| self.is_visible(services, identity, &principal, tool.definition))
    }

    /// The scopes that a call needs, where the user lacks any of them; nothing for what is no tool for
    /// this user, who must not learn from its scopes that there is one.
    pub fn lacking_scopes(
        &self,
        services: &Services,
        identity: &Identity,
        name: &str,
    ) -> Option<&'static [&'static str]> {
        let definition = self.get(name)?.definition;
        if identity.has_scopes(definition.scopes.iter().copied()) {
            return None;
        }
        let principal = services.policy.principal(identity);
        self.is_visible(services, identity, &principal, definition).then_some(definition.scopes)
    }

    /// Carries out a call: from raw arguments to the answer, within the deadline, with its record in
    /// the trail. The answer is given only once the record is durable.
    ///
    /// # Errors
    ///
    /// [`Unknown`] where the user may not see such a tool.
    pub async fn call(
        &self,
        services: &Arc<Services>,
        identity: &Arc<Identity>,
        name: &str,
        arguments: Value,
        deadline: Duration,
        correlation_id: &str,
    ) -> Result<Outcome, Unknown> {
        let asked = Asked { name, arguments, job: None };
        self.carry_out(services, identity, asked, deadline, correlation_id).await
    }

    /// The same for a call that goes on as a job, too. While that waits there is nothing to write
    /// down: its beginning and its end are.
    pub(super) async fn carry_out(
        &self,
        services: &Arc<Services>,
        identity: &Arc<Identity>,
        Asked { name, arguments, job }: Asked<'_>,
        deadline: Duration,
        correlation_id: &str,
    ) -> Result<Outcome, Unknown> {
        let principal = services.policy.principal(identity);
        let tool = self.tools.get(name);
        let Some(tool) =
            tool.filter(|tool| self.is_visible(services, identity, &principal, &tool.definition))
        else {
            let refused =
                self.refuse(services, identity, name, &arguments, Code::NotFound, correlation_id);
            return match refused.await {
                Ok(()) => Err(Unknown),
                Err(failure) => Ok(Err(failure)),
            };
        };
        let started = services.clock.now();
        let call = Call::new(
            Arc::clone(identity),
            principal,
            Arc::clone(services),
            tool.definition.name,
            correlation_id.to_owned(),
        );
        if let Some(job) = job {
            call.touches(&job.id);
        }
        let concealed = Concealed::json(&arguments);
        let (outcome, entry) = match (lacks_none(&tool.definition, identity), &tool.act) {
            (Ok(()), Act::Run(run)) => {
                let running = timeout(deadline, tool.run(&**run, &call, arguments)).await;
                let answer = running.unwrap_or_else(|_| Err(too_slow(deadline)));
                let entry = call.entry(self.connector, concealed, result(&answer), started);
                (answer.map(|content| Reply { content, is_replayed: false }), Some(entry))
            }
            (Ok(()), Act::Make(make)) => {
                let (connector, call, make) = (self.connector, &call, &**make);
                let is_committing = AtomicBool::new(false);
                let attempt = Attempt { connector, tool, make, call, started, job, is_committing };
                let key = arguments[idempotency::ARGUMENT].as_str().map(str::to_owned);
                let outcome = attempt.run(arguments, deadline).await;
                // What has succeeded is written down with what it has done.
                let is_waiting = |failure: &Failure| job.is_some() && failure.retryable;
                let is_kept = outcome.as_ref().err().is_none_or(is_waiting);
                let entry =
                    (!is_kept).then(|| attempt.entry(concealed, key.as_deref(), result(&outcome)));
                (outcome, entry)
            }
            (Err(failure), _) => {
                call.deny();
                let result = audit::Outcome::failed(failure.code);
                (Err(failure), Some(call.entry(self.connector, concealed, result, started)))
            }
        };
        let mut outcome = match entry {
            None => outcome,
            Some(entry) => answered(services, entry, outcome).await,
        };
        if matches!(tool.act, Act::Make(_)) {
            outcome = outcome.map_err(same_again);
        }
        if let Err(failure) = &mut outcome {
            correlation_id.clone_into(&mut failure.correlation_id);
            let tool = failure.next.tool.and_then(|name| self.tools.get(name));
            let is_seen = |tool: &Boxed| {
                self.is_visible(services, identity, &call.principal, &tool.definition)
            };
            if failure.next.tool.is_some() && !tool.is_some_and(is_seen) {
                failure.next = Next::ask_user("ask the user, who may know what is missing");
            }
        }
        Ok(outcome)
    }

    /// Writes down a call that is not carried out, under the name that was asked for: of a tool that
    /// there is not, or not for this user, or of none.
    ///
    /// # Errors
    ///
    /// Where it cannot be written; then that is the answer.
    pub async fn refuse(
        &self,
        services: &Arc<Services>,
        identity: &Arc<Identity>,
        name: &str,
        arguments: &Value,
        code: Code,
        correlation_id: &str,
    ) -> Result<(), Failure> {
        let call = Call::new(
            Arc::clone(identity),
            services.policy.principal(identity),
            Arc::clone(services),
            "",
            correlation_id.to_owned(),
        );
        call.deny();
        let (result, started) = (audit::Outcome::failed(code), services.clock.now());
        let mut entry = call.entry(self.connector, Concealed::json(arguments), result, started);
        // Whoever sends it has chosen it, and somebody reads it at a terminal.
        entry.tool = name.escape_debug().take(MAX_NAME).collect();
        kept(services, entry).await.map_err(|mut failure| {
            correlation_id.clone_into(&mut failure.correlation_id);
            failure
        })
    }

    /// Whether a user, whose principal is at hand, sees a tool with the scopes that it takes.
    fn is_visible(
        &self,
        services: &Services,
        identity: &Identity,
        principal: &Arc<Principal>,
        definition: &Definition,
    ) -> bool {
        let is_listed = |who: &Arc<Principal>| {
            let decision = services.policy.listing(who, definition.name);
            if !decision.errors.is_empty() {
                self.report(definition.name, decision.policies, &decision.errors);
            }
            decision.is_allowed
        };
        let scopes = definition.scopes.iter().copied();
        if identity.has_scopes(scopes.clone()) {
            return is_listed(principal);
        }
        is_listed(&services.policy.principal(&identity.with_scopes(scopes)))
    }

    fn report(&self, tool: &'static str, policies: Vec<String>, faults: &[String]) {
        let mut known = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        if known.insert((tool, policies)) {
            let fault = faults.join("; ");
            error!(fault, tool, "a policy cannot decide who sees a tool, which hides it");
        }
    }
}

/// How long the record of a call that has failed for an outage is waited for: it needs the store that
/// has just not answered, for which was waited already.
const BRIEFLY: Duration = Duration::from_millis(500);

/// An outcome, once it is written down. One that is not in the trail is not given, but where it says
/// no more than that a part of this does not answer, or what was done all the same: whoever has called
/// needs to know that rather than that nothing can be written down.
pub(super) async fn answered<T>(
    services: &Services,
    entry: Entry,
    outcome: Result<T, Failure>,
) -> Result<T, Failure> {
    const OUTAGES: [Code; 3] =
        [Code::UpstreamUnavailable, Code::OutcomeUnknown, Code::DeadlineExceeded];
    match outcome {
        Err(failure) if OUTAGES.contains(&failure.code) || failure.effect != Effect::None => {
            let correlation_id = entry.correlation_id.clone();
            if timeout(BRIEFLY, kept(services, entry)).await.is_err() {
                error!(correlation_id, "a call is answered before it is in the trail");
            }
            Err(failure)
        }
        outcome => kept(services, entry).await.and(outcome),
    }
}

/// Writes a call down; an answer that is not in the trail is not given.
pub(super) async fn kept(services: &Services, entry: Entry) -> Result<(), Failure> {
    let correlation_id = entry.correlation_id.clone();
    services.trail.append(entry).await.map_err(|fault| {
        error!(correlation_id, "a call is not answered");
        outage(&fault, "the audit trail cannot be written")
    })
}

/// What the trail says came of a call.
fn result<T>(outcome: &Result<T, Failure>) -> audit::Outcome {
    match outcome {
        Ok(_) => audit::Outcome::ok(),
        Err(failure) => audit::Outcome::failed(failure.code),
    }
}

/// Whether the user has the scopes that a tool takes. Over HTTP a token without them is refused
/// before; what comes without a token, as over stdio, is told here.
fn lacks_none(definition: &Definition, identity: &Identity) -> Result<(), Failure> {
    let lacks = |scope: &&&str| !identity.scopes.contains(**scope);
    let lacking: Vec<String> =
        definition.scopes.iter().filter(lacks).map(|scope| format!("`{scope}`")).collect();
    if lacking.is_empty() {
        return Ok(());
    }
    let lacking = lacking.join(", ");
    let message = format!("this user lacks the scope {lacking}");
    let next = Next::ask_user(format!("tell the user that {lacking} has to be granted to them"));
    Err(Failure::new(Code::NotPermitted, message, next))
}

impl Boxed {
    fn listed(&self) -> Listed<'_> {
        Listed {
            definition: &self.definition,
            input_schema: &self.input_schema,
            output_schema: &self.output_schema,
            asks: self.asks,
        }
    }

    /// Refuses arguments that are not as the schema says, and writes them as their types read them.
    pub(super) fn check(&self, arguments: &mut Value) -> Result<(), Failure> {
        without_nulls(arguments);
        with_integers(arguments);
        self.input.check(arguments)
    }

    /// Runs the tool on arguments that are as its schema says, in guard: a panic is a failure like
    /// others.
    async fn run(
        &self,
        run: &dyn Run,
        call: &Call,
        mut arguments: Value,
    ) -> Result<Value, Failure> {
        self.check(&mut arguments)?;
        let answer = AssertUnwindSafe(run.run(call, arguments)).catch_unwind().await;
        let answer = answer.unwrap_or_else(|_| {
            error!(tool = call.tool, correlation_id = call.correlation_id, "a tool panicked");
            Err(Failure::internal())
        })?;
        self.check_output(&answer, call)?;
        Ok(answer)
    }

    /// Refuses an answer that is not as the schema says.
    pub(super) fn check_output(&self, answer: &Value, call: &Call) -> Result<(), Failure> {
        match self.output.fault(answer) {
            None => Ok(()),
            Some(fault) => {
                let correlation_id = &call.correlation_id;
                error!(
                    tool = call.tool,
                    correlation_id, fault, "an output is not as its schema says"
                );
                Err(Failure::internal())
            }
        }
    }
}

fn too_slow(deadline: Duration) -> Failure {
    let message = format!("the tool has not answered within {} s", deadline.as_secs());
    let next = Next::wait("ask for less, with a filter or a smaller limit, or try again later");
    let mut failure = Failure::new(Code::DeadlineExceeded, message, next);
    failure.retryable = true;
    failure
}
