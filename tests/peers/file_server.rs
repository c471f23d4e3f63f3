//! A server on the Rust SDK (rmcp) whose tools stand in a file, so that a test can change what a
//! real server advertises. `file_server FILE` reads `{"serverInfo": …, "tools": […]}` and talks on
//! its standard streams until standard input closes. No tool can be called.
//!
//! Not for: wrong surfaces; the SDK's types would refuse or repair them (`misbehave` has those).

use std::{error::Error, fs};

use rmcp::{
    ErrorData, RoleServer, ServerHandler, ServiceExt,
    model::{
        Implementation, ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig,
        Tool,
    },
    service::RequestContext,
    transport::stdio,
};
use serde::Deserialize;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: file_server FILE")?;
    let server: FileServer = serde_json::from_str(&fs::read_to_string(path)?)?;
    server.serve(stdio()).await?.waiting().await?;
    Ok(())
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FileServer {
    server_info: Identity,
    tools: Vec<Tool>,
}

#[derive(Clone, Deserialize)]
struct Identity {
    name: String,
    version: String,
}

impl ServerHandler for FileServer {
    fn get_info(&self) -> ServerConfig {
        let Identity { name, version } = self.server_info.clone();
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new(name, version))
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.tools.clone()))
    }
}
