//! A little bank with bugs that can be switched on: what `mcp-kit replay` is tested with.
//!
//! Without a bug it does everything right that replay judges: a write is made once for each
//! idempotency key, through crashes, lost answers and failures of its upstream; an error names what
//! failed and what to do next; what takes long is a job. [`Bug`] lists what can be wrong, one bug for
//! each verdict, and each is one `if` in the file that it is about.
//!
//! Read `surface` first, which is what a client sees, then `call` and `ledger`.
//!
//! Not for: money. Accounts are rows, and nobody decides who may do what within a tenant.

mod account;
mod bug;
mod call;
mod careless;
mod data;
mod error;
mod export;
mod kept;
mod ledger;
mod network;
mod pace;
mod request;
mod serve;
mod surface;
mod task;
mod waiting;
mod write;

use std::sync::{Arc, atomic::AtomicU32};

use http::request::Parts;
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CacheScope, CallToolRequestParams, CallToolResponse, CancelTaskParams, CustomRequest,
        CustomResult, ErrorCode, GetTaskParams, GetTaskResult, Implementation, ListToolsResult,
        PaginatedRequestParams, ProtocolVersion, ServerCapabilities, ServerConfig,
        UpdateTaskParams,
    },
    service::RequestContext,
};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

pub use bug::{Bug, Bugs, Facts, Family, NoBug};
pub use network::NetworkError;
pub use pace::Pace;
pub use serve::{Bound, OpenError, Opened, Plan, SCOPES};
pub use surface::Tool;

use crate::serve::runtime::{
    clock::Clock,
    identity::Identity,
    points::{Points, Wire},
    store::Store,
    tool::Seal,
};
use network::Network;
use surface::Listed;

/// The name of the server.
pub const NAME: &str = "bank";

const INSTRUCTIONS: &str = "A small bank to practise on: the accounts of one tenant. Begin with \
    list_entries, which names accounts, or with open_account. An error names the next step in \
    error.next.";

/// How long the list of tools may be kept, in milliseconds.
const LIST_TTL_MS: u64 = 60_000;

/// The server. Cheap to clone: the SDK makes one for every request.
#[derive(Clone)]
pub struct Bank {
    shared: Arc<Shared>,
    /// Who asks, where every request comes from the same user, as over stdio.
    identity: Option<Arc<Identity>>,
    /// How answers go out, where that is the same for every request and somebody watches it.
    wire: Option<Wire>,
    /// Cancelled when the only client there is has gone.
    departed: CancellationToken,
}

/// What all requests share.
struct Shared {
    store: Arc<dyn Store>,
    clock: Clock,
    points: Points,
    seal: Seal,
    bugs: Bugs,
    pace: Pace,
    network: Option<Network>,
    tools: Vec<Listed>,
    config: ServerConfig,
    /// With the bug `concurrent-duplicate-effect`: calls that are about to act.
    acting: AtomicU32,
}

impl Shared {
    fn listed(&self, tool: Tool) -> &Listed {
        let found = self.tools.iter().find(|listed| listed.tool == tool);
        found.expect("every tool is listed")
    }
}

fn config() -> ServerConfig {
    let implementation =
        Implementation::new(NAME, env!("CARGO_PKG_VERSION")).with_title("Practice bank");
    let capabilities = ServerCapabilities::builder().enable_tools().enable_tasks().build();
    ServerConfig::new(capabilities).with_server_info(implementation).with_instructions(INSTRUCTIONS)
}

impl Bank {
    /// The same server where every request comes from one user, over one connection.
    #[must_use]
    fn for_user(&self, identity: Arc<Identity>, wire: Option<Wire>) -> Self {
        Self { identity: Some(identity), wire, ..self.clone() }
    }

    fn caller(&self, context: &RequestContext<RoleServer>) -> Result<Arc<Identity>, ErrorData> {
        let of_request =
            || context.extensions.get::<Parts>()?.extensions.get::<Arc<Identity>>().cloned();
        self.identity.clone().or_else(of_request).ok_or_else(|| {
            ErrorData::internal_error("the request has come in without an identity", None)
        })
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
}

fn is_modern(context: &RequestContext<RoleServer>) -> bool {
    let version = context.protocol_version();
    version.is_some_and(|version| version >= ProtocolVersion::V_2026_07_28)
}

/// What is said of a tool that there is not.
fn unknown() -> ErrorData {
    ErrorData::invalid_params("tool not found", None)
}

impl ServerHandler for Bank {
    fn get_info(&self) -> ServerConfig {
        self.shared.config.clone()
    }

    async fn list_tools(
        &self,
        params: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        if params.is_some_and(|params| params.cursor.is_some()) {
            return Err(ErrorData::invalid_params("there is no page with this cursor", None));
        }
        let tools = self.shared.tools.iter().map(|tool| tool.listed.clone()).collect();
        let mut result = ListToolsResult::with_all_items(tools);
        if is_modern(&context) {
            (result.ttl_ms, result.cache_scope) = (Some(LIST_TTL_MS), Some(CacheScope::Private));
        }
        Ok(result)
    }

    fn get_tool(&self, name: &str) -> Option<rmcp::model::Tool> {
        Tool::named(name).map(|tool| self.shared.listed(tool).listed.clone())
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let tool = Tool::named(&request.name).ok_or_else(unknown)?;
        let arguments = Value::Object(request.arguments.unwrap_or_default());
        call::carry_out(self, tool, arguments, &context).await
    }

    async fn get_task(
        &self,
        request: GetTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetTaskResult, ErrorData> {
        task::get(self, &request.task_id, &context).await
    }

    async fn update_task(
        &self,
        request: UpdateTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        // No task asks anything.
        task::get(self, &request.task_id, &context).await.map(drop)
    }

    async fn cancel_task(
        &self,
        request: CancelTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        task::cancel(self, &request.task_id, &context).await
    }

    /// What the SDK cannot read. Arguments that are no object are for a tool to answer.
    async fn on_custom_request(
        &self,
        request: CustomRequest,
        context: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        if request.method != "tools/call" {
            return Err(ErrorData::new(ErrorCode::METHOD_NOT_FOUND, request.method, None));
        }
        let mut params = request.params.unwrap_or_default();
        let tool = params["name"].as_str().and_then(Tool::named).ok_or_else(unknown)?;
        let answer = call::carry_out(self, tool, params["arguments"].take(), &context).await?;
        let CallToolResponse::Complete(mut result) = answer else {
            unreachable!("no tool goes on with such arguments")
        };
        if !is_modern(&context) {
            result.result_type = None;
        }
        serde_json::to_value(result).map(CustomResult).map_err(|fault| {
            tracing::error!(%fault, "a result cannot be written as JSON");
            ErrorData::internal_error("the server made a mistake", None)
        })
    }
}
