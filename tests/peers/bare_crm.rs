//! The measure of `mcp-kit serve crm`: the SDK alone around one tool that runs the same query on the
//! same store, without identity, policy, validation or trail. `bare_crm FOLDER` listens on a free port
//! of loopback and prints its address.

#![expect(clippy::print_stdout, reason = "its result is what it prints")]

use std::sync::Arc;

use axum::serve::ListenerExt;
use mcp_kit::serve::{
    connector::crm,
    runtime::store::{self, Location, Store},
};
use rmcp::{
    Json, ServerHandler,
    handler::server::{router::tool::ToolRouter, wrapper::Parameters},
    model::{ServerCapabilities, ServerConfig},
    tool, tool_handler, tool_router,
    transport::streamable_http_server::{
        StreamableHttpServerConfig, StreamableHttpService, session::local::LocalSessionManager,
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone)]
struct Bare {
    router: Arc<ToolRouter<Self>>,
    store: Arc<dyn Store>,
}

#[derive(Deserialize, JsonSchema)]
struct Arguments {
    customer_id: String,
}

#[derive(Serialize, JsonSchema)]
struct Customer {
    id: String,
    version: i64,
    display_name: String,
    company: Option<String>,
    town: String,
    status: &'static str,
    owner: String,
    email: String,
    phone: String,
    tax_id: Option<String>,
    credit_limit_cents: i64,
    created_at: i64,
    updated_at: i64,
}

#[tool_router]
impl Bare {
    #[tool(name = "get_customer", description = "Returns one customer")]
    async fn get_customer(
        &self,
        Parameters(arguments): Parameters<Arguments>,
    ) -> Result<Json<Customer>, String> {
        let record = crm::store::customer(&*self.store, "acme", &arguments.customer_id).await;
        let record = record.map_err(|fault| fault.to_string())?.ok_or("no such customer")?;
        Ok(Json(Customer {
            id: record.id,
            version: record.version,
            display_name: record.display_name,
            company: record.company,
            town: record.town,
            status: record.status.name(),
            owner: record.owner,
            email: record.email,
            phone: record.phone,
            tax_id: record.tax_id,
            credit_limit_cents: record.credit_limit_cents,
            created_at: record.created_at,
            updated_at: record.updated_at,
        }))
    }
}

#[tool_handler(router = self.router)]
impl ServerHandler for Bare {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }
}

#[tokio::main]
async fn main() {
    let folder = std::env::args().nth(1).expect("a folder with the data of `serve crm`");
    let location: Location = folder.parse().expect("a folder");
    let store = store::open(&location).await.expect("a store");
    let router = Arc::new(Bare::tool_router());
    let service = StreamableHttpService::new(
        move || Ok(Bare { router: Arc::clone(&router), store: Arc::clone(&store) }),
        Arc::new(LocalSessionManager::default()),
        StreamableHttpServerConfig::default().with_json_response(true),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    println!("http://{}/mcp", listener.local_addr().expect("an address"));
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let app = axum::Router::new().nest_service("/mcp", service);
    axum::serve(listener, app).await.expect("a server");
}
