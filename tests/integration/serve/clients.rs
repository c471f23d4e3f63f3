//! A client of the official SDK calls every tool, in both eras: an independent peer.

use std::time::Duration;

use rmcp::{
    RoleClient,
    model::{
        CallToolRequestParams, ClientCapabilities, ClientConfig, Implementation, ProtocolVersion,
    },
    service::{ClientLifecycleMode, ClientServiceExt, RunningService},
    transport::{
        StreamableHttpClientTransport, streamable_http_client::StreamableHttpClientTransportConfig,
    },
};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{
    hostile::NOBODY,
    place::{Place, wait},
    server::{Server, token},
};

const LIMIT: Duration = Duration::from_secs(30);

#[test]
fn the_rust_sdk_calls_every_tool_in_both_eras() {
    let place = Place::sqlite();
    let server = Server::demo(&place, &["--require-token"]);
    let token = token(&place, "alice", &server.resource());
    let modern =
        ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] };
    for mode in [modern, ClientLifecycleMode::Initialize] {
        let resource = server.resource();
        let calls = every_tool(&resource, Some(&token), mode.clone());
        wait(async { timeout(LIMIT, calls).await })
            .unwrap_or_else(|_| panic!("{mode:?} takes too long"));
    }
    let log = server.log();
    for tool in ["search_customers", "get_customer", "list_activity"] {
        let calls = log.matches(&format!("\"tool\":\"{tool}\"")).count();
        assert!(calls >= 2, "{tool}: {calls}");
    }
}

#[test]
fn the_rust_sdk_is_told_what_it_takes_to_come_in() {
    let place = Place::sqlite();
    let server = Server::demo(&place, &["--require-token"]);
    let resource = server.resource();
    let connecting = connect(&resource, None, ClientLifecycleMode::Initialize);
    let connected = wait(async { timeout(LIMIT, connecting).await }).expect("an answer");
    let error = connected.map(drop).expect_err("a refusal");
    assert!(error.is_authorization_required(), "{error:?}");
}

type Connected = RunningService<RoleClient, ClientConfig>;

async fn connect(
    url: &str,
    token: Option<&str>,
    mode: ClientLifecycleMode,
) -> Result<Connected, rmcp::service::ClientInitializeError> {
    // The HTTP client wants one, also where there is no TLS.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut config = StreamableHttpClientTransportConfig::with_uri(url);
    if let Some(token) = token {
        config = config.auth_header(token);
    }
    let transport = StreamableHttpClientTransport::from_config(config);
    ClientConfig::new(ClientCapabilities::default(), Implementation::new("test", "1"))
        .serve_with_lifecycle(transport, mode)
        .await
}

async fn every_tool(url: &str, token: Option<&str>, mode: ClientLifecycleMode) {
    let client = connect(url, token, mode).await.unwrap();
    let tools = client.list_all_tools().await.unwrap();
    let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_ref()).collect();
    assert_eq!(names, ["get_customer", "list_activity", "search_customers"]);
    let found = call(&client, "search_customers", json!({"query": "o", "limit": 3})).await;
    let id = &found["data"]["customers"][0]["id"];
    let customer = call(&client, "get_customer", json!({"customer_id": id})).await;
    assert_eq!(&customer["data"]["customer"]["id"], id);
    let activity = call(&client, "list_activity", json!({"customer_id": id})).await;
    assert!(activity["data"]["activities"].is_array());
    let missing = call(&client, "get_customer", json!({"customer_id": NOBODY})).await;
    assert_eq!(missing["error"]["code"], "not_found");
    client.cancel().await.unwrap();
}

async fn call(client: &Connected, tool: &'static str, arguments: Value) -> Value {
    let Value::Object(arguments) = arguments else { panic!("arguments are an object") };
    let request = CallToolRequestParams::new(tool).with_arguments(arguments);
    client.call_tool(request).await.unwrap().structured_content.expect("structured content")
}
