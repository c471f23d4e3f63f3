//! The MCP server that a toolbox is: what is listed, and calls on their way in and out.

mod task;

use std::{sync::Arc, time::Instant};

use http::request::Parts;
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CacheScope, CallToolRequestParams, CallToolResponse, CallToolResult, CancelTaskParams,
        CustomRequest, CustomResult, ErrorCode, GetPromptRequestParams, GetPromptResponse,
        GetTaskParams, GetTaskResult, Implementation, ListPromptsResult,
        ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, MetaObject,
        PaginatedRequestParams, ProtocolVersion, ReadResourceRequestParams, ReadResourceResponse,
        ServerCapabilities, ServerConfig, TASKS_EXTENSION_ID, ToolAnnotations, UpdateTaskParams,
    },
    service::RequestContext,
};
use serde_json::{Map, Value, json};
use tracing::{error, info, warn};

use super::{
    super::{
        approval::{Decision, Method},
        guidance::{Code, Failure},
        identity::Identity,
        points::Wire,
        tool::{Asks, Effect, Listed, Outcome, Services, Toolbox, in_flight},
    },
    consent,
    limits::Limits,
    metrics::Metrics,
    tally::Tally,
    trace::Trace,
};

/// How long a list may be kept, in milliseconds. That of the tools changes when a user's groups do.
const LIST_TTL_MS: u64 = 60_000;

/// What a server says of itself.
#[derive(Debug, Clone)]
pub struct About {
    /// The name of the server, in lower case.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// Its version.
    pub version: &'static str,
    /// What a model should know before it uses the tools.
    pub instructions: &'static str,
}

/// The server of a toolbox. Cheap to clone: the SDK makes one for every request.
#[derive(Clone)]
pub struct Server {
    shared: Arc<Shared>,
    /// Who asks, where every request comes from the same user, as over stdio.
    identity: Option<Arc<Identity>>,
    /// How answers go out, where that is the same for every request and somebody watches it.
    wire: Option<Wire>,
}

struct Shared {
    toolbox: Toolbox,
    services: Arc<Services>,
    metrics: Arc<Metrics>,
    limits: Limits,
    config: ServerConfig,
    /// By user: calls that are open while the user is asked.
    questions: Tally,
    /// By proposal: the one call at a time that asks about it.
    asked_about: Tally,
}

impl Server {
    /// A server of these tools.
    pub fn new(
        about: &About,
        toolbox: Toolbox,
        services: Arc<Services>,
        metrics: Arc<Metrics>,
        limits: Limits,
    ) -> Self {
        let implementation = Implementation::new(about.name, about.version).with_title(about.title);
        // There are no resources and no prompts. Clients that ask for them all the same shall get an
        // empty list that they can keep rather than an error.
        let capabilities = ServerCapabilities::builder().enable_tools();
        let mut capabilities = capabilities.enable_resources().enable_prompts().build();
        // What reads is answered at once; only a change can become a task.
        if toolbox.all().any(|tool| tool.definition.effect != Effect::Reads) {
            let tasks = (TASKS_EXTENSION_ID.to_owned(), Map::new());
            capabilities.extensions.get_or_insert_default().extend([tasks]);
        }
        let config = ServerConfig::new(capabilities)
            .with_server_info(implementation)
            .with_instructions(about.instructions);
        let (questions, asked_about) = (Tally::default(), Tally::default());
        let shared = Shared { toolbox, services, metrics, limits, config, questions, asked_about };
        Self { shared: Arc::new(shared), identity: None, wire: None }
    }

    /// The same server where every request comes from one user.
    #[must_use]
    pub fn for_user(&self, identity: Arc<Identity>) -> Self {
        Self { shared: Arc::clone(&self.shared), identity: Some(identity), wire: None }
    }

    /// The same server where every answer goes out over one connection, and somebody watches it.
    #[must_use]
    pub fn over(mut self, wire: Option<Wire>) -> Self {
        self.wire = wire;
        self
    }

    /// The tools, what they share, and what is counted.
    pub(super) fn parts(&self) -> (&Toolbox, &Arc<Services>, &Metrics) {
        let Shared { toolbox, services, metrics, .. } = &*self.shared;
        (toolbox, services, metrics)
    }

    /// What it is called.
    pub(super) fn title(&self) -> &str {
        let info = &self.shared.config.server_info;
        info.title.as_deref().unwrap_or(&info.name)
    }

    /// The scopes that the call of a tool needs, where the user lacks any; nothing for what is no tool
    /// for them.
    pub fn lacking_scopes(
        &self,
        tool: &str,
        identity: &Identity,
    ) -> Option<&'static [&'static str]> {
        self.shared.toolbox.lacking_scopes(&self.shared.services, identity, tool)
    }

    /// All scopes that some tool needs, sorted.
    pub fn all_scopes(&self) -> Vec<&'static str> {
        let mut scopes: Vec<_> =
            self.shared.toolbox.all().flat_map(|tool| tool.definition.scopes).copied().collect();
        scopes.sort_unstable();
        scopes.dedup();
        scopes
    }

    fn caller(&self, context: &RequestContext<RoleServer>) -> Result<Arc<Identity>, ErrorData> {
        let of_request =
            || context.extensions.get::<Parts>()?.extensions.get::<Arc<Identity>>().cloned();
        // A fixed identity is that of the whole process; over HTTP there is none.
        self.identity.clone().or_else(of_request).ok_or_else(|| {
            ErrorData::internal_error("the request has come in without an identity", None)
        })
    }
}

fn trace(context: &RequestContext<RoleServer>) -> Trace {
    let of_request = context.extensions.get::<Parts>().and_then(|parts| parts.extensions.get());
    of_request.cloned().unwrap_or_else(|| Trace::new(context.meta.get_traceparent()))
}

/// The answer to the call of a tool that is not there: the same bytes whether it is hidden or has
/// never been.
fn unknown() -> ErrorData {
    ErrorData::invalid_params("tool not found", None)
}

fn listed(tool: Listed<'_>) -> rmcp::model::Tool {
    let definition = tool.definition;
    let annotations = match definition.effect {
        Effect::Reads => ToolAnnotations::new().read_only(true),
        Effect::Writes => {
            ToolAnnotations::new().read_only(false).destructive(false).idempotent(true)
        }
        Effect::Destroys => {
            ToolAnnotations::new().read_only(false).destructive(true).idempotent(true)
        }
    };
    let mut listed = rmcp::model::Tool::new(
        definition.name,
        definition.description,
        Arc::clone(tool.input_schema),
    )
    .with_title(definition.title)
    .with_raw_output_schema(Arc::clone(tool.output_schema))
    .annotate(annotations.open_world(false));
    let asks = match tool.asks {
        Asks::Never => return listed,
        Asks::Sometimes => "sometimes",
        Asks::Always => "always",
    };
    let mut meta = MetaObject::new();
    meta.insert("dev.mcp-kit/approval".to_owned(), asks.into());
    listed.meta = Some(meta);
    listed
}

/// How long a list may be kept, and by whom. The hints exist from 2026-07-28 on, and peers before it
/// refuse what they do not know.
fn cache_hints(context: &RequestContext<RoleServer>) -> (Option<u64>, Option<CacheScope>) {
    match is_modern(context) {
        true => (Some(LIST_TTL_MS), Some(CacheScope::Private)),
        false => (None, None),
    }
}

fn is_modern(context: &RequestContext<RoleServer>) -> bool {
    let version = context.protocol_version();
    version.is_some_and(|version| version >= ProtocolVersion::V_2026_07_28)
}

/// Every list is one page, so that there is no cursor that could be one of ours.
fn one_page(params: Option<PaginatedRequestParams>) -> Result<(), ErrorData> {
    match params.and_then(|params| params.cursor) {
        Some(_) => Err(ErrorData::invalid_params("there is no page with this cursor", None)),
        None => Ok(()),
    }
}

/// What marks an answer that was given before.
fn replayed() -> MetaObject {
    let mut meta = MetaObject::new();
    meta.insert("dev.mcp-kit/replayed".to_owned(), Value::Bool(true));
    meta
}

fn failed(failure: &Failure) -> CallToolResult {
    CallToolResult::structured_error(failure.envelope())
}

/// The method of a call.
const CALL: &str = "tools/call";

/// Methods that there are. The SDK takes a request whose parameters it cannot read for one of a method
/// that it does not know.
const METHODS: [&str; 7] = [
    CALL,
    "tools/list",
    "resources/list",
    "resources/templates/list",
    "resources/read",
    "prompts/list",
    "prompts/get",
];

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        self.shared.config.clone()
    }

    async fn list_tools(
        &self,
        params: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        one_page(params)?;
        let identity = self.caller(&context)?;
        let shared = &self.shared;
        let visible = shared.toolbox.visible(&shared.services, &identity);
        let tools: Vec<_> = visible.map(listed).collect();
        if tools.is_empty() {
            // Perhaps rightly so; or a group is misspelt, in the policies or in the token.
            let (tenant, user) = (&identity.tenant, &identity.subject);
            warn!(tenant, user, "this user sees no tool: no policy lets them call one");
        }
        let mut result = ListToolsResult::with_all_items(tools);
        (result.ttl_ms, result.cache_scope) = cache_hints(&context);
        Ok(result)
    }

    async fn list_resources(
        &self,
        params: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        one_page(params)?;
        let mut result = ListResourcesResult::default();
        (result.ttl_ms, result.cache_scope) = cache_hints(&context);
        Ok(result)
    }

    async fn list_resource_templates(
        &self,
        params: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        one_page(params)?;
        let mut result = ListResourceTemplatesResult::default();
        (result.ttl_ms, result.cache_scope) = cache_hints(&context);
        Ok(result)
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        Err(ErrorData::resource_not_found("resource not found", Some(json!({"uri": request.uri}))))
    }

    async fn list_prompts(
        &self,
        params: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        one_page(params)?;
        let mut result = ListPromptsResult::default();
        (result.ttl_ms, result.cache_scope) = cache_hints(&context);
        Ok(result)
    }

    async fn get_prompt(
        &self,
        _: GetPromptRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        Err(ErrorData::invalid_params("prompt not found", None))
    }

    fn get_tool(&self, name: &str) -> Option<rmcp::model::Tool> {
        self.shared.toolbox.get(name).map(listed)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let arguments = Value::Object(request.arguments.unwrap_or_default());
        let (name, identity) = (request.name.as_ref(), self.caller(&context)?);
        let services = &self.shared.services;
        let (seal, now) = (&services.seal, services.clock.now());
        let bound = consent::bound(&identity, name, &arguments);
        if let Some(state) = &request.request_state {
            let Some(asked) = consent::asked(seal, &bound, state, now) else {
                self.shared.metrics.refused("request_state");
                let message = "requestState is not one of this call, or too old; call without it";
                return Err(ErrorData::invalid_params(message, None));
            };
            if let Some(is_approved) = consent::said(request.input_responses.as_ref()) {
                let about = (asked.proposal.as_str(), asked.digest.as_str());
                if let Err(failure) = self.confirmed(&identity, about, is_approved, &context).await
                {
                    return Ok(failed(&failure).into());
                }
            }
            // Whatever was said, the tool knows how things stand; it is not asked about again.
            let outcome = self.called(name, arguments.clone(), &context).await?;
            return self.answered(outcome, (name, arguments), &context).await;
        }
        let outcome = self.called(name, arguments.clone(), &context).await?;
        let question = outcome.as_ref().err().and_then(|failure| failure.question.clone());
        let Some(question) = question.filter(|_| consent::can_ask(&context)) else {
            return self.answered(outcome, (name, arguments), &context).await;
        };
        if is_modern(&context) {
            let asked = consent::question(seal, &bound, &question, now);
            return Ok(asked.map_or_else(|| result(outcome).into(), CallToolResponse::from));
        }
        let Limits { elicitation: limit, questions_per_user: most, .. } = self.shared.limits;
        let Some(_asking) = self.shared.questions.take(identity.principal(), most) else {
            self.shared.metrics.refused("too_many_questions");
            return Ok(result(outcome).into());
        };
        let Some(_alone) = self.shared.asked_about.take(question.proposal.clone(), 1) else {
            // The user has this very question before them.
            let mut failure = in_flight();
            failure.correlation_id = trace(&context).correlation_id;
            return Ok(failed(&failure).into());
        };
        let Some(is_approved) = consent::elicit(&context, &question, limit).await else {
            return Ok(result(outcome).into());
        };
        let about = (question.proposal.as_str(), question.digest.as_str());
        match self.confirmed(&identity, about, is_approved, &context).await {
            Ok(()) => {
                let outcome = self.called(name, arguments.clone(), &context).await?;
                self.answered(outcome, (name, arguments), &context).await
            }
            Err(failure) => Ok(failed(&failure).into()),
        }
    }

    async fn get_task(
        &self,
        request: GetTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetTaskResult, ErrorData> {
        self.polled(request, &context).await
    }

    async fn update_task(
        &self,
        request: UpdateTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.updated(request, &context).await
    }

    async fn cancel_task(
        &self,
        request: CancelTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.cancelled(request, &context).await
    }

    /// What the SDK cannot read. Models write arguments as a string that holds JSON, and are told so
    /// in the words of a tool.
    async fn on_custom_request(
        &self,
        request: CustomRequest,
        context: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        let method = request.method.as_str();
        let is_of_tasks =
            task::METHODS.contains(&method) && self.shared.config.capabilities.supports_tasks();
        if let Some(error) = task::undeclared(&context).filter(|_| is_of_tasks) {
            return Err(error);
        }
        if !is_of_tasks && !METHODS.contains(&method) {
            return Err(ErrorData::new(ErrorCode::METHOD_NOT_FOUND, request.method, None));
        }
        self.shared.metrics.refused("invalid_params");
        if method != CALL {
            let message = format!("the params are not those of {method}");
            return Err(ErrorData::invalid_params(message, None));
        }
        let mut params = match request.params {
            Some(Value::Object(members)) => members,
            _ => Map::new(),
        };
        let arguments = params.remove("arguments").unwrap_or_default();
        let name = params.get("name").and_then(Value::as_str);
        let message = match name {
            // A tool answers for its arguments.
            Some(name) if !arguments.is_object() && !arguments.is_null() => {
                return as_custom(result(self.called(name, arguments, &context).await?), &context);
            }
            Some(_) => "the params are not those of tools/call",
            None => "`name` must be there, and be the name of a tool as a string",
        };
        let (identity, trace) = (self.caller(&context)?, trace(&context));
        let (name, services) = (name.unwrap_or_default(), &self.shared.services);
        let id = &trace.correlation_id;
        let code = Code::InvalidArgument;
        match self.shared.toolbox.refuse(services, &identity, name, &arguments, code, id).await {
            Ok(()) => Err(ErrorData::invalid_params(message, None)),
            Err(failure) => as_custom(failed(&failure), &context),
        }
    }
}

/// A result as the SDK writes it for the peer, where it does not know what it is the result of.
fn as_custom(
    mut result: CallToolResult,
    context: &RequestContext<RoleServer>,
) -> Result<CustomResult, ErrorData> {
    if !is_modern(context) {
        result.result_type = None;
    }
    let result = serde_json::to_value(result);
    result.map(CustomResult).map_err(|fault| {
        error!(%fault, "a result cannot be written as JSON");
        ErrorData::internal_error("the server made a mistake", None)
    })
}

/// The result that an outcome is.
fn result(outcome: Outcome) -> CallToolResult {
    match outcome {
        Ok(reply) => {
            let mut result = CallToolResult::structured(reply.content);
            result.meta = reply.is_replayed.then(replayed);
            result
        }
        Err(failure) => failed(&failure),
    }
}

impl Server {
    /// Takes down what the user who calls has said to a question.
    async fn confirmed(
        &self,
        identity: &Arc<Identity>,
        about: (&str, &str),
        is_approved: bool,
        context: &RequestContext<RoleServer>,
    ) -> Result<(), Failure> {
        let Shared { toolbox, services, .. } = &*self.shared;
        let decision = Decision {
            is_approved,
            decider: identity.principal(),
            decided_by: identity.subject.clone(),
            method: Method::Elicitation,
            reason: None,
            at: services.clock.now(),
        };
        let id = trace(context).correlation_id;
        let decided = toolbox.decide(services, identity, about, decision, &id).await;
        match decided {
            // Decided already, perhaps by this very answer, whose result was lost on the way. The tool
            // says how things stand.
            Err(failure) if failure.code == Code::ApprovalRejected => Ok(()),
            Err(mut failure) => {
                failure.correlation_id = id;
                Err(failure)
            }
            Ok(()) => Ok(()),
        }
    }

    /// Tells whoever watches the connection that a write has succeeded.
    fn note_answered(&self, tool: &'static str, context: &RequestContext<RoleServer>) {
        let of_request = || context.extensions.get::<Parts>()?.extensions.get::<Wire>();
        if let Some(wire) = of_request() {
            // What sends the body knows its end.
            wire.answered(tool);
        } else if let Some(wire) = &self.wire {
            // One line, which is handed over at once.
            wire.answered(tool);
            wire.is_whole();
        }
    }

    async fn called(
        &self,
        name: &str,
        arguments: Value,
        context: &RequestContext<RoleServer>,
    ) -> Result<Outcome, ErrorData> {
        let identity = self.caller(context)?;
        let trace = trace(context);
        let shared = &self.shared;
        let started = Instant::now();
        let outcome = shared.toolbox.call(
            &shared.services, &identity, name, arguments, shared.limits.tool, &trace.correlation_id,
        );
        let Ok(outcome) = outcome.await else {
            shared.metrics.refused("unknown_tool");
            info!(
                tenant = identity.tenant,
                user = identity.subject,
                correlation_id = trace.correlation_id,
                trace_id = trace.trace_id,
                "unknown tool"
            );
            return Err(unknown());
        };
        // A call of what is no tool has an outcome as well, while it cannot be written down.
        let definition = shared.toolbox.get(name).map(|tool| tool.definition);
        let tool = definition.map_or("unknown", |definition| definition.name);
        if definition.is_some_and(|definition| definition.effect != Effect::Reads)
            && outcome.as_ref().is_ok_and(|reply| !reply.is_replayed)
        {
            self.note_answered(tool, context);
        }
        let result = outcome.as_ref().map_or_else(|failure| failure.code.name(), |_| "ok");
        let taken = started.elapsed();
        shared.metrics.called(tool, result, taken.as_secs_f64());
        info!(
            tenant = identity.tenant,
            user = identity.subject,
            tool,
            result,
            milliseconds = u64::try_from(taken.as_millis()).unwrap_or(u64::MAX),
            correlation_id = trace.correlation_id,
            trace_id = trace.trace_id,
            "call"
        );
        Ok(outcome)
    }
}

#[cfg(test)]
#[cfg(feature = "sqlite")]
mod tests;
