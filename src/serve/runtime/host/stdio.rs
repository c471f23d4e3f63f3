//! Serving over standard input and output: one client, one user, one message a line.

use std::{io, sync::Arc};

use rmcp::{ServerHandler, ServiceExt};
use serde_json::{Value, json};
use tokio::{
    io::{
        AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader,
        DuplexStream, duplex,
    },
    sync::mpsc,
    time,
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{
    limits::Limits,
    metrics::Metrics,
    scan::{Refused, scan},
};

/// Bytes between the SDK and us that may wait to be read.
const PIPE: usize = 64 << 10;
/// Lines that may wait to be written.
const WAITING: usize = 64;

/// Serves until the input ends or the server is told to stop.
///
/// Every line is looked at before the SDK sees it. One that is refused is answered with
/// an error, as far as it says to what.
///
/// # Errors
///
/// Where the output cannot be written.
pub async fn serve<H, R, W>(
    handler: H,
    input: R,
    output: W,
    limits: Limits,
    metrics: Arc<Metrics>,
    stop: CancellationToken,
) -> io::Result<()>
where
    H: ServerHandler,
    R: AsyncRead + Unpin + Send + 'static,
    W: AsyncWrite + Unpin + Send + 'static,
{
    let (ours, theirs) = duplex(PIPE);
    let (from_sdk, to_sdk) = tokio::io::split(ours);
    let (lines, waiting) = mpsc::channel(WAITING);
    let writing = tokio::spawn(write(waiting, output));
    let relaying = tokio::spawn(relay(from_sdk, lines.clone()));
    let reading = tokio::spawn(read(input, to_sdk, lines, limits, metrics, stop.clone()));
    let serving = async {
        // The client may leave before it has said anything, which is no fault.
        match handler.serve(theirs).await {
            Ok(service) => {
                let ended = service.waiting().await;
                info!(?ended, "the client has gone");
            }
            Err(fault) => info!(%fault, "the client has gone before it was served"),
        }
        reading.abort();
        // What the SDK has said is still written.
        let _ = relaying.await;
        writing.await.map_err(io::Error::other)?
    };
    // Once told to stop, we read no more, which for the SDK is the end of its client: it answers what
    // has begun.
    let overdue = async {
        stop.cancelled().await;
        time::sleep(limits.shutdown).await;
    };
    tokio::select! {
        served = serving => served,
        () = overdue => {
            warn!(seconds = limits.shutdown.as_secs(), "requests are broken off");
            Ok(())
        }
    }
}

/// Lines from the client to the SDK, until they end or the server is told to stop.
async fn read<R: AsyncRead + Unpin>(
    input: R,
    mut to_sdk: tokio::io::WriteHalf<DuplexStream>,
    answers: mpsc::Sender<Vec<u8>>,
    limits: Limits,
    metrics: Arc<Metrics>,
    stop: CancellationToken,
) -> io::Result<()> {
    let mut input = BufReader::new(input);
    let mut line = Vec::new();
    loop {
        line.clear();
        let most = u64::try_from(limits.message_bytes).unwrap_or(u64::MAX).saturating_add(1);
        let mut one = (&mut input).take(most);
        let read = tokio::select! {
            read = one.read_until(b'\n', &mut line) => read?,
            () = stop.cancelled() => 0,
        };
        if read == 0 {
            return to_sdk.shutdown().await;
        }
        let refused = if line.len() > limits.message_bytes && line.last() != Some(&b'\n') {
            skip_line(&mut input).await?;
            metrics.refused("too_long");
            let message = format!("the message has more than {} bytes", limits.message_bytes);
            // What it answers to is unknown: the whole of it has not been read.
            refusal(&Value::Null, &message)
        } else if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        } else if let Err(refused) = scan(&line) {
            metrics.refused(match refused {
                Refused::Ambiguous(_) => "ambiguous_keys",
                Refused::NotJson(_) => "not_json",
            });
            warn!(%refused, "a message is refused");
            match refused {
                Refused::Ambiguous(_) => refusal(&id(&line), &refused.to_string()),
                Refused::NotJson(_) => parse_error(&refused.to_string()),
            }
        } else {
            to_sdk.write_all(&line).await?;
            if line.last() != Some(&b'\n') {
                to_sdk.write_all(b"\n").await?;
            }
            continue;
        };
        if answers.send(refused).await.is_err() {
            return Ok(());
        }
    }
}

async fn skip_line<R: AsyncRead + Unpin>(input: &mut BufReader<R>) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf().await?;
        if buffer.is_empty() {
            return Ok(());
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let read = end.map_or(buffer.len(), |end| end + 1);
        input.consume(read);
        if end.is_some() {
            return Ok(());
        }
    }
}

/// The id of a message that will not be answered otherwise; null where it has none that is one.
pub(super) fn id(message: &[u8]) -> Value {
    let message: Value = serde_json::from_slice(message).unwrap_or_default();
    match message.get("id") {
        Some(id @ (Value::String(_) | Value::Number(_))) => id.clone(),
        _ => Value::Null,
    }
}

/// `-32600`, Invalid Request (JSON-RPC 2.0, section 5.1).
pub(super) fn refusal(id: &Value, message: &str) -> Vec<u8> {
    line(&json!({"jsonrpc": "2.0", "id": id, "error": {"code": -32600, "message": message}}))
}

/// `-32700`, Parse error.
pub(super) fn parse_error(message: &str) -> Vec<u8> {
    line(&json!({"jsonrpc": "2.0", "id": null, "error": {"code": -32700, "message": message}}))
}

fn line(message: &Value) -> Vec<u8> {
    let mut line = message.to_string().into_bytes();
    line.push(b'\n');
    line
}

/// Lines from the SDK to whoever writes.
async fn relay(from_sdk: tokio::io::ReadHalf<DuplexStream>, lines: mpsc::Sender<Vec<u8>>) {
    let mut from_sdk = BufReader::new(from_sdk);
    let mut line = Vec::new();
    while from_sdk.read_until(b'\n', &mut line).await.is_ok_and(|read| read > 0) {
        if lines.send(std::mem::take(&mut line)).await.is_err() {
            return;
        }
    }
}

/// The one that writes, so that no line breaks into another.
async fn write<W: AsyncWrite + Unpin>(
    mut waiting: mpsc::Receiver<Vec<u8>>,
    mut output: W,
) -> io::Result<()> {
    while let Some(line) = waiting.recv().await {
        output.write_all(&line).await?;
        output.flush().await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use rmcp::{ErrorData, RoleServer, ServerHandler, model::*, service::RequestContext};
    use serde_json::{Value, json};
    use tokio::{
        io::{AsyncBufReadExt, AsyncWriteExt, BufReader, duplex},
        sync::Semaphore,
        time::timeout,
    };
    use tokio_util::sync::CancellationToken;

    use super::{Limits, Metrics, serve};

    /// Answers calls when it is let go.
    #[derive(Clone)]
    struct Waits {
        entered: Arc<Semaphore>,
        go: Arc<Semaphore>,
    }

    impl ServerHandler for Waits {
        fn get_info(&self) -> ServerConfig {
            ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
        }

        async fn call_tool(
            &self,
            _: CallToolRequestParams,
            _: RequestContext<RoleServer>,
        ) -> Result<CallToolResponse, ErrorData> {
            self.entered.add_permits(1);
            self.go.acquire().await.expect("nobody closes it").forget();
            Ok(CallToolResult::structured(json!({})).into())
        }
    }

    #[tokio::test]
    async fn what_has_begun_is_answered_before_the_server_ends() {
        const PATIENCE: Duration = Duration::from_secs(30);
        let [entered, go] = [(), ()].map(|()| Arc::new(Semaphore::new(0)));
        let handler = Waits { entered: Arc::clone(&entered), go: Arc::clone(&go) };
        let (ours, theirs) = duplex(1 << 16);
        let (input, output) = tokio::io::split(theirs);
        let (limits, metrics, stop) =
            (Limits::default(), Arc::new(Metrics::default()), CancellationToken::new());
        let serving = tokio::spawn(serve(handler, input, output, limits, metrics, stop.clone()));
        let (reading, mut writing) = tokio::io::split(ours);
        let request = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
            "name": "wait",
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": {},
            },
        }});
        writing.write_all(format!("{request}\n").as_bytes()).await.unwrap();
        timeout(PATIENCE, entered.acquire()).await.expect("the call comes").unwrap().forget();
        stop.cancel();
        go.add_permits(1);
        let mut lines = BufReader::new(reading).lines();
        let line = timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap().expect("an answer");
        let answer: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(answer["result"]["isError"], false, "{line}");
        // The input is still open; it is the server that ends.
        timeout(PATIENCE, serving).await.expect("the server ends").unwrap().unwrap();
    }
}
