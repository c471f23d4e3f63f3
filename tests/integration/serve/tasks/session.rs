//! Clients of the official SDK: what they can do, how they come to a server, what they ask it.

use std::process::Stdio;

use rmcp::{
    ClientHandler, ErrorData, RoleClient, ServiceError,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, CancelTaskParams,
        ClientCapabilities, ClientConfig, CreateTaskResult, DetailedTask, ElicitRequestParams,
        ElicitResult, ElicitationAction, GetTaskParams, Implementation, InputResponses,
        ProtocolVersion, Task, UpdateTaskParams,
    },
    service::{ClientLifecycleMode, ClientServiceExt, RequestContext, RunningService},
    transport::{
        StreamableHttpClientTransport, streamable_http_client::StreamableHttpClientTransportConfig,
    },
};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{super::place::Place, LIMIT};

/// What a client can do.
#[derive(Clone, Copy)]
pub(super) struct Able {
    pub(super) follows_tasks: bool,
    /// What its user says, where they can be asked.
    pub(super) says: Option<bool>,
}

pub(super) const FOLLOWS: Able = Able { follows_tasks: true, says: None };
pub(super) const FOLLOWS_NOT: Able = Able { follows_tasks: false, says: None };

impl ClientHandler for Able {
    fn get_info(&self) -> ClientConfig {
        let mut capabilities = match self.says {
            Some(_) => ClientCapabilities::builder().enable_elicitation().build(),
            None => ClientCapabilities::default(),
        };
        if self.follows_tasks {
            capabilities.extensions =
                ClientCapabilities::builder().enable_tasks().build().extensions;
        }
        ClientConfig::new(capabilities, Implementation::new("able", "1"))
    }

    async fn create_elicitation(
        &self,
        _: ElicitRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        let confirm = self.says.expect("nobody else is asked");
        Ok(ElicitResult::new(ElicitationAction::Accept).with_content(json!({"confirm": confirm})))
    }
}

pub(super) fn modes() -> [ClientLifecycleMode; 2] {
    let preferred_versions = vec![ProtocolVersion::V_2026_07_28];
    [ClientLifecycleMode::Discover { preferred_versions }, ClientLifecycleMode::Initialize]
}

/// A client of the SDK.
pub(super) struct Session(pub(super) RunningService<RoleClient, Able>);

impl Session {
    pub(super) async fn over_http(
        resource: &str,
        token: Option<&str>,
        able: Able,
        mode: ClientLifecycleMode,
    ) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut config = StreamableHttpClientTransportConfig::with_uri(resource);
        if let Some(token) = token {
            config = config.auth_header(token);
        }
        let transport = StreamableHttpClientTransport::from_config(config);
        Self(able.serve_with_lifecycle(transport, mode).await.unwrap())
    }

    /// A client of a server over stdio, which ends with the process that is returned.
    pub(super) async fn over_stdio(
        place: &Place,
        mode: ClientLifecycleMode,
    ) -> (Self, tokio::process::Child) {
        let mut child = tokio::process::Command::new(env!("CARGO_BIN_EXE_mcp-kit"))
            .args(["serve", "crm", "--stdio", "--allow-writes", "--demo", "--store", &place.store])
            .env_clear()
            .env("HOME", place.home())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let transport = (child.stdout.take().unwrap(), child.stdin.take().unwrap());
        (Self(FOLLOWS.serve_with_lifecycle(transport, mode).await.unwrap()), child)
    }

    pub(super) async fn once(&self, tool: &'static str, arguments: Value) -> CallToolResponse {
        let Value::Object(arguments) = arguments else { panic!("no object: {arguments}") };
        let request = CallToolRequestParams::new(tool).with_arguments(arguments);
        timeout(LIMIT, self.0.peer().call_tool_once(request)).await.expect("an answer").unwrap()
    }

    pub(super) async fn data(&self, tool: &'static str, arguments: Value) -> Value {
        match self.once(tool, arguments).await {
            CallToolResponse::Complete(result) if result.is_error != Some(true) => {
                result.structured_content.unwrap()["data"].take()
            }
            other => panic!("{tool}: {other:?}"),
        }
    }

    /// A proposal to archive the customer at an index, which takes a second person.
    pub(super) async fn propose(&self, index: usize, key: &str) -> String {
        let found = self.data("search_customers", json!({"limit": 50})).await;
        let customer = &found["customers"][index];
        let proposed = json!({
            "operation": "archive", "customer_id": customer["id"],
            "expected_version": customer["version"], "reason": "They have asked for it",
            "idempotency_key": format!("propose-{key:0>16}"),
        });
        let proposed = self.data("propose_change", proposed).await;
        assert_eq!(proposed["change"]["needs"], "second_person");
        proposed["change"]["id"].as_str().unwrap().to_owned()
    }

    pub(super) async fn commit(&self, change: &str, key: &str) -> CallToolResponse {
        self.once("commit_change", commit(change, key)).await
    }

    pub(super) async fn task(&self, change: &str, key: &str) -> Task {
        match self.commit(change, key).await {
            CallToolResponse::Task(CreateTaskResult { task, .. }) => task,
            other => panic!("no task: {other:?}"),
        }
    }

    pub(super) async fn result(&self, change: &str, key: &str) -> CallToolResult {
        match self.commit(change, key).await {
            CallToolResponse::Complete(result) => result,
            other => panic!("no result: {other:?}"),
        }
    }

    pub(super) async fn poll(&self, id: &str) -> DetailedTask {
        self.try_poll(id).await.unwrap()
    }

    pub(super) async fn try_poll(&self, id: &str) -> Result<DetailedTask, ServiceError> {
        let polled = self.0.peer().get_task(GetTaskParams::new(id));
        timeout(LIMIT, polled).await.expect("an answer").map(|result| result.task)
    }

    pub(super) async fn cancel(&self, id: &str) -> Result<(), ServiceError> {
        let cancelled = self.0.peer().cancel_task(CancelTaskParams::new(id));
        timeout(LIMIT, cancelled).await.expect("an answer")
    }

    pub(super) async fn update(&self, id: &str) -> Result<(), ServiceError> {
        let answers = InputResponses::from_iter([("x".to_owned(), json!({"action": "accept"}))]);
        let updated = self.0.peer().update_task(UpdateTaskParams::new(id, answers));
        timeout(LIMIT, updated).await.expect("an answer")
    }

    pub(super) async fn state(&self, change: &str) -> Value {
        let now = self.data("get_change", json!({"change_id": change})).await;
        now["change"]["state"].clone()
    }
}

pub(super) fn commit(change: &str, key: &str) -> Value {
    json!({"change_id": change, "idempotency_key": format!("commit-{key:0>16}")})
}
