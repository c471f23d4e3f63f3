//! A small stock-keeping server on the Rust SDK (rmcp), as its users would write one: three typed
//! tools, in both protocol eras, over both transports. An independent peer for `mcp-kit`, which
//! speaks the protocol through code of its own.
//!
//! `rmcp_server stdio` talks on its standard streams. `rmcp_server http` listens on a free loopback
//! port and prints its URL as the first line. Both quit when standard input closes.
//!
//! Not for: showing what a bad server does (that is `misbehave`), or serving anybody.

use std::{
    collections::HashMap,
    error::Error,
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
};

use axum::{Router, serve::ListenerExt};
use rmcp::{
    ErrorData, Json, ServerHandler, ServiceExt,
    handler::server::{router::tool::ToolRouter, tool::IntoCallToolResult, wrapper::Parameters},
    model::{CallToolResponse, CallToolResult, Implementation, ServerCapabilities, ServerConfig},
    tool, tool_handler, tool_router,
    transport::{
        stdio,
        streamable_http_server::{
            StreamableHttpServerConfig, StreamableHttpService, session::local::LocalSessionManager,
        },
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    match std::env::args().nth(1).as_deref() {
        Some("stdio") => {
            StockServer::new(Stock::filled()).serve(stdio()).await?.waiting().await?;
            Ok(())
        }
        Some("http") => serve_http().await,
        _ => Err("usage: rmcp_server stdio|http".into()),
    }
}

async fn serve_http() -> Result<(), Box<dyn Error>> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    // With Nagle's algorithm on, every event on a kept-alive connection waits for a delayed
    // acknowledgement (40 ms), and the lint times we print would be those of the kernel.
    let listener = listener.tap_io(|stream| {
        stream.set_nodelay(true).expect("a connection just accepted takes TCP_NODELAY");
    });

    // The factory runs for every session and every stateless request: the stock is shared.
    let server = StockServer::new(Stock::filled());
    let service = StreamableHttpService::new(
        move || Ok(server.clone()),
        Arc::new(LocalSessionManager::default()),
        // Modern clients get plain JSON, legacy sessions get event streams: both paths are used.
        StreamableHttpServerConfig::default()
            .with_json_response(true)
            .with_allowed_origins(["http://localhost:*", "http://127.0.0.1:*"]),
    );
    let app = Router::new().nest_service("/mcp", service);

    writeln!(io::stdout(), "http://{address}/mcp")?;
    let input_closed = tokio::task::spawn_blocking(|| io::copy(&mut io::stdin(), &mut io::sink()));
    // A graceful shutdown would wait for open event streams, which need not end.
    tokio::select! {
        served = async { axum::serve(listener, app).await } => served?,
        closed = input_closed => { closed??; }
    }
    Ok(())
}

/// The server as rmcp sees it: the tools and the state they work on.
#[derive(Clone)]
struct StockServer {
    stock: Arc<Mutex<Stock>>,
    router: Arc<ToolRouter<Self>>,
}

#[tool_router]
impl StockServer {
    fn new(stock: Stock) -> Self {
        Self { stock: Arc::new(Mutex::new(stock)), router: Arc::new(Self::tool_router()) }
    }

    #[tool(
        title = "Find parts",
        description = "Find parts in the warehouse by a word of their name. Returns at most \
                       `limit` parts, ordered by part number; read one with `get_part`.",
        annotations(read_only_hint = true, open_world_hint = false)
    )]
    async fn find_parts(&self, Parameters(query): Parameters<FindParts>) -> Json<PartList> {
        let stock = self.stock.lock().unwrap_or_else(PoisonError::into_inner);
        let word = query.word.to_lowercase();
        let mut parts: Vec<Part> =
            stock.parts.iter().filter(|part| part.name.contains(&word)).cloned().collect();
        let total = parts.len();
        parts.truncate(query.limit.into());
        Json(PartList { parts, total })
    }

    #[tool(
        title = "Get a part",
        description = "Get one part by its number, with the quantity that can be reserved now.",
        annotations(read_only_hint = true, open_world_hint = false)
    )]
    async fn get_part(
        &self,
        Parameters(query): Parameters<GetPart>,
    ) -> Result<Json<Part>, Refusal> {
        let stock = self.stock.lock().unwrap_or_else(PoisonError::into_inner);
        let found = stock.parts.iter().find(|part| part.part_number == query.part_number);
        found.cloned().map(Json).ok_or(Refusal::UnknownPart)
    }

    #[tool(
        title = "Reserve a part",
        description = "Set a quantity of one part aside for an order. Repeating a request with the \
                       same idempotency key reserves nothing more and returns the first answer.",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn reserve_part(
        &self,
        Parameters(request): Parameters<ReservePart>,
    ) -> Result<Json<Reservation>, Refusal> {
        self.stock.lock().unwrap_or_else(PoisonError::into_inner).reserve(request).map(Json)
    }
}

#[tool_handler(router = self.router)]
impl ServerHandler for StockServer {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("stock", env!("CARGO_PKG_VERSION")))
            .with_instructions("Find a part first, then reserve it by its part number.")
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FindParts {
    /// A word that the part's name contains, in any case.
    #[schemars(length(min = 1, max = 60))]
    word: String,
    /// How many parts to return at most.
    #[schemars(range(min = 1, max = 50))]
    #[serde(default = "default_limit")]
    limit: u8,
}

fn default_limit() -> u8 {
    10
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct GetPart {
    /// The part number, such as `P-1001`.
    #[schemars(regex(pattern = "^P-[0-9]{4}$"))]
    part_number: String,
}

#[derive(Clone, Deserialize, PartialEq, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ReservePart {
    /// The part number, such as `P-1001`.
    #[schemars(regex(pattern = "^P-[0-9]{4}$"))]
    part_number: String,
    /// How many pieces to set aside.
    #[schemars(range(min = 1, max = 1000))]
    quantity: u32,
    /// Reuse the same key when you repeat this request; a new key only for a different reservation.
    #[schemars(regex(pattern = "^[A-Za-z0-9_-]{16,64}$"))]
    idempotency_key: String,
}

#[derive(Clone, Serialize, JsonSchema)]
struct Part {
    /// The part number, such as `P-1001`.
    part_number: String,
    /// The name in the catalogue.
    name: String,
    /// How many pieces can be reserved now.
    available: u32,
}

#[derive(Serialize, JsonSchema)]
struct PartList {
    /// The parts found, ordered by part number.
    parts: Vec<Part>,
    /// How many parts match, those beyond the limit included.
    total: usize,
}

#[derive(Clone, Serialize, JsonSchema)]
struct Reservation {
    /// Names this reservation at the counter.
    reservation_number: String,
    /// The part that was reserved.
    part_number: String,
    /// How many pieces were set aside.
    quantity: u32,
}

/// What is on the shelves, and every reservation by its key.
struct Stock {
    parts: Vec<Part>,
    reservations: HashMap<String, (ReservePart, Reservation)>,
}

impl Stock {
    fn filled() -> Self {
        let parts =
            [("P-1001", "hex bolt", 400), ("P-1002", "hex nut", 12), ("P-1003", "washer", 0)];
        Self {
            parts: parts
                .map(|(number, name, available)| Part {
                    part_number: number.into(),
                    name: name.into(),
                    available,
                })
                .into(),
            reservations: HashMap::new(),
        }
    }

    fn reserve(&mut self, request: ReservePart) -> Result<Reservation, Refusal> {
        if let Some((earlier, reservation)) = self.reservations.get(&request.idempotency_key) {
            let repeated = *earlier == request;
            return if repeated { Ok(reservation.clone()) } else { Err(Refusal::KeyReused) };
        }
        let part = self.parts.iter_mut().find(|part| part.part_number == request.part_number);
        let part = part.ok_or(Refusal::UnknownPart)?;
        let left = part.available.checked_sub(request.quantity);
        part.available = left.ok_or(Refusal::TooFew { available: part.available })?;
        let reservation = Reservation {
            reservation_number: format!("R-{:04}", self.reservations.len() + 1),
            part_number: part.part_number.clone(),
            quantity: request.quantity,
        };
        let key = request.idempotency_key.clone();
        self.reservations.insert(key, (request, reservation.clone()));
        Ok(reservation)
    }
}

/// Why a tool did nothing. The model reads it, so each says what to do next.
enum Refusal {
    UnknownPart,
    TooFew { available: u32 },
    KeyReused,
}

impl IntoCallToolResult for Refusal {
    fn into_call_tool_result(self) -> Result<CallToolResponse, ErrorData> {
        let (code, message, hint) = match self {
            Self::UnknownPart => (
                "not_found",
                "no part has this number".into(),
                "look the number up with find_parts",
            ),
            Self::TooFew { available } => (
                "invalid_argument",
                format!("only {available} pieces are available"),
                "ask for fewer pieces",
            ),
            Self::KeyReused => (
                "idempotency_conflict",
                "this key belongs to a different reservation".into(),
                "use a new key",
            ),
        };
        let error =
            json!({ "error": { "code": code, "message": message, "next": { "hint": hint } } });
        Ok(CallToolResult::structured_error(error).into())
    }
}
