//! All tools of a server: what is listed to whom, and what is done around every call.

use std::{
    collections::BTreeMap, future::Future, panic::AssertUnwindSafe, pin::Pin, sync::Arc,
    time::Duration,
};

use futures_util::FutureExt;
use serde_json::{Map, Value};
use tokio::time::timeout;
use tracing::{error, warn};

use super::{
    super::{
        audit::{self, Concealed},
        guidance::{Code, Failure, Next},
        identity::Identity,
        policy::Principal,
    },
    Call, Definition, Services, Tool,
    arguments::Checker,
    schema,
};

/// The tools of a server, with their schemas made and compiled.
pub struct Toolbox {
    /// The name of the connector, for the trail.
    connector: &'static str,
    tools: BTreeMap<&'static str, Boxed>,
}

/// How long to wait, in milliseconds, while the trail cannot be written.
const TRAIL_RETRY_MS: u64 = 2_000;

struct Boxed {
    definition: Definition,
    input_schema: Arc<Map<String, Value>>,
    output_schema: Arc<Map<String, Value>>,
    input: Checker,
    output: Checker,
    run: Box<dyn Run>,
}

/// A tool without its types.
trait Run: Send + Sync {
    fn run<'a>(&'a self, call: &'a Call, arguments: Value) -> Running<'a>;
}

type Running<'a> = Pin<Box<dyn Future<Output = Result<Value, Failure>> + Send + 'a>>;

impl<T: Tool> Run for T {
    fn run<'a>(&'a self, call: &'a Call, arguments: Value) -> Running<'a> {
        Box::pin(async move {
            let arguments = serde_json::from_value(arguments).map_err(|fault| {
                // The schema comes from the type, so that it should have refused this.
                warn!(tool = T::DEFINITION.name, %fault, "arguments pass the schema and not the type");
                let hint = "correct the arguments after the input schema";
                Failure::invalid_argument("", "the arguments are not as the schema says", hint)
            })?;
            let answer = self.call(call, arguments).await?;
            serde_json::to_value(answer).map_err(|fault| {
                error!(tool = T::DEFINITION.name, %fault, "an output cannot be written as JSON");
                Failure::internal()
            })
        })
    }
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
}

/// The answer to a call, or the error that it is.
pub type Outcome = Result<Value, Failure>;

/// There is no such tool, or this user may not know of it; the two are not told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unknown;

impl Toolbox {
    /// The toolbox of a connector, without tools yet.
    pub fn of(connector: &'static str) -> Self {
        Self { connector, tools: BTreeMap::new() }
    }

    /// Adds a tool.
    ///
    /// # Panics
    ///
    /// If a tool of this name is there already, which is a mistake of the connector.
    #[must_use]
    pub fn with<T: Tool>(mut self, tool: T) -> Self {
        let input_schema = schema::of_input::<T::Arguments>();
        let output_schema = schema::of_output::<super::Answer<T::Output>>();
        let boxed = Boxed {
            definition: T::DEFINITION,
            input: Checker::new(&input_schema),
            output: Checker::new(&output_schema),
            input_schema: Arc::new(input_schema),
            output_schema: Arc::new(output_schema),
            run: Box::new(tool),
        };
        let before = self.tools.insert(T::DEFINITION.name, boxed);
        assert!(before.is_none(), "two tools are called `{}`", T::DEFINITION.name);
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
        self.all().filter(move |tool| is_visible(services, identity, &principal, tool.definition))
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
        is_visible(services, identity, &principal, definition).then_some(definition.scopes)
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
        let tool = self.tools.get(name).ok_or(Unknown)?;
        let principal = services.policy.principal(identity);
        if !is_visible(services, identity, &principal, &tool.definition) {
            return Err(Unknown);
        }
        let started = services.clock.now();
        let call = Call::new(
            Arc::clone(identity),
            principal,
            Arc::clone(services),
            tool.definition.name,
            correlation_id.to_owned(),
        );
        let concealed = Concealed::json(&arguments);
        let outcome = timeout(deadline, tool.run(&call, arguments)).await;
        let outcome = outcome.unwrap_or_else(|_| Err(too_slow(deadline)));
        let mut outcome = self.kept(&call, concealed, outcome, started).await;
        if let Err(failure) = &mut outcome {
            correlation_id.clone_into(&mut failure.correlation_id);
        }
        Ok(outcome)
    }
}

impl Toolbox {
    /// Writes the call down; an answer that is not in the trail is not given.
    async fn kept(
        &self,
        call: &Call,
        arguments: Concealed,
        outcome: Outcome,
        started: i64,
    ) -> Outcome {
        let services = &call.services;
        let result = match &outcome {
            Ok(_) => audit::Outcome::ok(),
            Err(failure) => audit::Outcome::failed(failure.code),
        };
        let entry = call.entry(self.connector, arguments, result, started);
        match services.trail.append(entry).await {
            Ok(()) => outcome,
            Err(fault) => {
                error!(%fault, correlation_id = call.correlation_id, "the trail is not written");
                Err(Failure::unavailable("the audit trail cannot be written", TRAIL_RETRY_MS))
            }
        }
    }
}

impl Boxed {
    fn listed(&self) -> Listed<'_> {
        Listed {
            definition: &self.definition,
            input_schema: &self.input_schema,
            output_schema: &self.output_schema,
        }
    }

    /// Runs the tool on arguments that are as its schema says, in guard: a panic is a failure like
    /// others.
    async fn run(&self, call: &Call, arguments: Value) -> Outcome {
        self.input.check(&arguments)?;
        let answer = AssertUnwindSafe(self.run.run(call, arguments)).catch_unwind().await;
        let answer = answer.unwrap_or_else(|_| {
            error!(tool = call.tool, correlation_id = call.correlation_id, "a tool panicked");
            Err(Failure::internal())
        })?;
        match self.output.fault(&answer) {
            None => Ok(answer),
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

/// Whether a user, whose principal is at hand, sees a tool with the scopes that it takes.
fn is_visible(
    services: &Services,
    identity: &Identity,
    principal: &Principal,
    definition: &Definition,
) -> bool {
    let is_listed =
        |who: &Principal| services.policy.tool_is_listed(who, definition.name, &identity.tenant);
    let scopes = definition.scopes.iter().copied();
    if identity.has_scopes(scopes.clone()) {
        return is_listed(principal);
    }
    is_listed(&services.policy.principal(&identity.with_scopes(scopes)))
}

fn too_slow(deadline: Duration) -> Failure {
    let message = format!("the tool has not answered within {} s", deadline.as_secs());
    let next = Next::wait("ask for less, for example with a smaller limit, or try again later");
    let mut failure = Failure::new(Code::DeadlineExceeded, message, next);
    failure.retryable = true;
    failure
}
