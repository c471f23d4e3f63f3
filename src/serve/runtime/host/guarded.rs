//! A handler that always answers: within a time, and also where it panics.
//!
//! The SDK leaves a request whose handler panics without any answer, so that its caller waits until
//! its own limit; and it has no limit of its own.

use std::{borrow::Cow, future::Future, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt;
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::*,
    service::{NotificationContext, RequestContext, SubscriptionContext},
};
use tokio::time::timeout;
use tracing::error;

use super::metrics::Metrics;

/// A handler in guard. A tool has its own, shorter limit in the toolbox; this one holds for what has
/// none.
#[derive(Clone)]
pub struct Guarded<H> {
    inner: H,
    metrics: Arc<Metrics>,
    limit: Duration,
    /// For the call of a tool, in which a user may be asked.
    call_limit: Duration,
}

impl<H> Guarded<H> {
    /// Guards a handler, whose requests may take this long, and calls of tools as much longer as a
    /// user may take.
    pub fn new(inner: H, metrics: Arc<Metrics>, limit: Duration, asking: Duration) -> Self {
        Self { inner, metrics, limit, call_limit: limit + asking }
    }

    async fn answer<T>(
        &self,
        request: &'static str,
        answer: impl Future<Output = Result<T, ErrorData>>,
    ) -> Result<T, ErrorData> {
        let limit = if request == CALL { self.call_limit } else { self.limit };
        match timeout(limit, AssertUnwindSafe(answer).catch_unwind()).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => {
                self.metrics.panicked();
                error!(request, "a handler panicked");
                Err(ErrorData::internal_error("the server made a mistake", None))
            }
            Err(_) => {
                error!(request, seconds = limit.as_secs(), "a handler took too long");
                Err(ErrorData::internal_error("the server took too long", None))
            }
        }
    }
}

/// The request in which a user may be asked.
const CALL: &str = "call_tool";

/// Requests that are answered by the inner handler, in guard.
macro_rules! requests {
    ($($name:ident($($parameter:ident: $type:ty),*) -> $result:ty;)*) => {
        $(
            async fn $name(
                &self,
                $($parameter: $type,)*
                context: RequestContext<RoleServer>,
            ) -> Result<$result, ErrorData> {
                self.answer(stringify!($name), self.inner.$name($($parameter,)* context)).await
            }
        )*
    };
}

#[expect(deprecated, reason = "clients before 2026-07-28 still send these requests")]
impl<H: ServerHandler> ServerHandler for Guarded<H> {
    requests! {
        ping() -> ();
        initialize(request: InitializeRequestParams) -> InitializeResult;
        discover() -> DiscoverResult;
        complete(request: CompleteRequestParams) -> CompleteResult;
        set_level(request: SetLevelRequestParams) -> ();
        get_prompt(request: GetPromptRequestParams) -> GetPromptResponse;
        list_prompts(request: Option<PaginatedRequestParams>) -> ListPromptsResult;
        list_resources(request: Option<PaginatedRequestParams>) -> ListResourcesResult;
        list_resource_templates(request: Option<PaginatedRequestParams>) -> ListResourceTemplatesResult;
        read_resource(request: ReadResourceRequestParams) -> ReadResourceResponse;
        subscribe(request: SubscribeRequestParams) -> ();
        unsubscribe(request: UnsubscribeRequestParams) -> ();
        call_tool(request: CallToolRequestParams) -> CallToolResponse;
        list_tools(request: Option<PaginatedRequestParams>) -> ListToolsResult;
        get_task(request: GetTaskParams) -> GetTaskResult;
        update_task(request: UpdateTaskParams) -> ();
        cancel_task(request: CancelTaskParams) -> ();
        list_skills(request: Option<PaginatedRequestParams>) -> ListSkillsResult;
        get_skill(request: GetSkillRequestParams) -> GetSkillResult;
        read_resource_directory(request: ReadResourceDirectoryRequestParams) -> ReadResourceDirectoryResult;
        on_custom_request(request: CustomRequest) -> CustomResult;
    }

    fn negotiate_initialize(
        &self,
        request: &InitializeRequestParams,
    ) -> Result<InitializeResult, ErrorData> {
        self.inner.negotiate_initialize(request)
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        self.inner.supported_protocol_versions()
    }

    fn accepted_subscription_filter(
        &self,
        requested: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        self.inner.accepted_subscription_filter(requested)
    }

    // A subscription lasts as long as its client listens.
    fn listen(
        &self,
        subscription: SubscriptionContext,
    ) -> impl Future<Output = Result<(), ErrorData>> + Send + '_ {
        self.inner.listen(subscription)
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.inner.get_tool(name)
    }

    fn get_info(&self) -> ServerConfig {
        self.inner.get_info()
    }

    async fn on_initialized(&self, context: NotificationContext<RoleServer>) {
        self.inner.on_initialized(context).await;
    }

    async fn on_cancelled(
        &self,
        notification: CancelledNotificationParam,
        context: NotificationContext<RoleServer>,
    ) {
        self.inner.on_cancelled(notification, context).await;
    }

    async fn on_progress(
        &self,
        notification: ProgressNotificationParam,
        context: NotificationContext<RoleServer>,
    ) {
        self.inner.on_progress(notification, context).await;
    }
    async fn on_roots_list_changed(&self, context: NotificationContext<RoleServer>) {
        self.inner.on_roots_list_changed(context).await;
    }

    async fn on_custom_notification(
        &self,
        notification: CustomNotification,
        context: NotificationContext<RoleServer>,
    ) {
        self.inner.on_custom_notification(notification, context).await;
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use rmcp::{ErrorData, RoleServer, ServerHandler, model::*, service::RequestContext};
    use serde_json::{Value, json};
    use tokio::{
        io::{AsyncBufReadExt, AsyncWriteExt, BufReader, duplex},
        time::timeout,
    };
    use tokio_util::sync::CancellationToken;

    use super::{
        super::{Limits, Metrics, stdio},
        Guarded,
    };

    /// Answers what most servers do not have, and answers some of it badly.
    struct Rare;

    const OWN: &str = "this is the handler's own answer";

    impl ServerHandler for Rare {
        fn get_info(&self) -> ServerConfig {
            let capabilities = ServerCapabilities::builder().enable_tools().enable_resources();
            ServerConfig::new(capabilities.enable_tasks().enable_skills().build())
        }

        async fn get_task(
            &self,
            _: GetTaskParams,
            _: RequestContext<RoleServer>,
        ) -> Result<GetTaskResult, ErrorData> {
            Err(ErrorData::invalid_params(OWN, None))
        }

        async fn cancel_task(
            &self,
            _: CancelTaskParams,
            _: RequestContext<RoleServer>,
        ) -> Result<(), ErrorData> {
            panic!("a panic that is answered");
        }

        async fn get_skill(
            &self,
            _: GetSkillRequestParams,
            _: RequestContext<RoleServer>,
        ) -> Result<GetSkillResult, ErrorData> {
            Err(ErrorData::invalid_params(OWN, None))
        }

        async fn call_tool(
            &self,
            _: CallToolRequestParams,
            _: RequestContext<RoleServer>,
        ) -> Result<CallToolResponse, ErrorData> {
            std::future::pending().await
        }
    }

    /// What a guarded handler answers to one request, as an error.
    async fn error_of(method: &str, params: Value) -> Value {
        let (ours, theirs) = duplex(1 << 16);
        let (input, output) = tokio::io::split(theirs);
        let metrics = Arc::new(Metrics::default());
        let limit = Duration::from_millis(20);
        let handler = Guarded::new(Rare, Arc::clone(&metrics), limit, Duration::ZERO);
        let stop = CancellationToken::new();
        let serving =
            tokio::spawn(stdio::serve(handler, input, output, Limits::default(), metrics, stop));
        let (reading, mut writing) = tokio::io::split(ours);
        let mut params = params;
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {
                "extensions": {"io.modelcontextprotocol/tasks": {}},
            },
        });
        let request = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        writing.write_all(format!("{request}\n").as_bytes()).await.unwrap();
        let mut lines = BufReader::new(reading).lines();
        let line = timeout(Duration::from_secs(10), lines.next_line()).await.unwrap().unwrap();
        serving.abort();
        serde_json::from_str::<Value>(&line.unwrap()).unwrap()["error"].clone()
    }

    #[tokio::test]
    async fn what_few_servers_have_is_answered_by_the_handler_as_well() {
        for (method, params) in [
            ("tasks/get", json!({"taskId": "1"})),
            ("skills/get", json!({"uri": "skill://a/SKILL.md"})),
        ] {
            assert_eq!(error_of(method, params).await["message"], OWN, "{method}");
        }
    }

    #[tokio::test]
    async fn a_panic_and_a_handler_that_hangs_are_answered() {
        for (method, params) in
            [("tasks/cancel", json!({"taskId": "1"})), ("tools/call", json!({"name": "x"}))]
        {
            assert_eq!(error_of(method, params).await["code"], -32_603, "{method}");
        }
    }
}
