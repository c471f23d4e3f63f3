//! Serving over standard input and output: one client, one user, one message a line.

use std::{io, sync::Arc};

use rmcp::{ServerHandler, ServiceExt};
use serde_json::Value;
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
    message::{self, INVALID_REQUEST, Message},
    metrics::Metrics,
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
    let mut writing = tokio::spawn(write(waiting, output));
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
    };
    let written = async {
        tokio::select! {
            () = serving => (&mut writing).await,
            // Nobody reads our answers any more.
            ended = &mut writing => ended,
        }
    };
    // Once told to stop, we read no more, which for the SDK is the end of its client: it answers what
    // has begun.
    let overdue = async {
        stop.cancelled().await;
        time::sleep(limits.shutdown).await;
    };
    tokio::select! {
        written = written => match written.map_err(io::Error::other)? {
            Err(fault) if fault.kind() == io::ErrorKind::BrokenPipe => {
                info!("the client has closed its end");
                Ok(())
            }
            written => written,
        },
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
    let mut has_begun = false;
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
            message::error(&Value::Null, INVALID_REQUEST, &message)
        } else if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        } else {
            match Message::read(&line) {
                Err(invalid) => {
                    metrics.refused(invalid.reason);
                    warn!(reason = invalid.reason, fault = invalid.message, "a message is refused");
                    invalid.response()
                }
                // For the SDK a client begins with a request, and has gone where it does not.
                Ok(message) if !has_begun && !message.is_request() => {
                    info!(method = message.method, "a message before the first request is ignored");
                    continue;
                }
                Ok(_) => {
                    has_begun = true;
                    to_sdk.write_all(&line).await?;
                    if line.last() != Some(&b'\n') {
                        to_sdk.write_all(b"\n").await?;
                    }
                    continue;
                }
            }
        };
        if answers.send(written(&refused)).await.is_err() {
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

/// A message as a line.
fn written(message: &Value) -> Vec<u8> {
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
    use std::{io, sync::Arc, time::Duration};

    use rmcp::{ErrorData, RoleServer, ServerHandler, model::*, service::RequestContext};
    use serde_json::{Value, json};
    use tokio::{
        io::{
            AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, Lines, ReadHalf, WriteHalf,
            duplex,
        },
        sync::Semaphore,
        task::JoinHandle,
        time::timeout,
    };
    use tokio_util::sync::CancellationToken;

    use super::{Limits, Metrics, PIPE, serve};

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

    /// Long enough for what must happen.
    const PATIENCE: Duration = Duration::from_secs(30);

    /// A server that is running, and what a test holds of it.
    struct Running {
        entered: Arc<Semaphore>,
        go: Arc<Semaphore>,
        stop: CancellationToken,
        input: WriteHalf<DuplexStream>,
        output: Lines<BufReader<ReadHalf<DuplexStream>>>,
        serving: JoinHandle<io::Result<()>>,
    }

    impl Running {
        fn with(limits: Limits) -> Self {
            let [entered, go] = [(), ()].map(|()| Arc::new(Semaphore::new(0)));
            let handler = Waits { entered: Arc::clone(&entered), go: Arc::clone(&go) };
            // Two ways that end apart, as pipes do.
            let (input, read) = duplex(PIPE);
            let (output, write) = duplex(PIPE);
            let (stop, metrics) = (CancellationToken::new(), Arc::new(Metrics::default()));
            let serving = tokio::spawn(serve(handler, read, write, limits, metrics, stop.clone()));
            let input = tokio::io::split(input).1;
            let output = BufReader::new(tokio::io::split(output).0).lines();
            Self { entered, go, stop, input, output, serving }
        }

        async fn send(&mut self, message: &Value) {
            self.input.write_all(format!("{message}\n").as_bytes()).await.unwrap();
        }

        async fn answer(&mut self) -> Value {
            let line = timeout(PATIENCE, self.output.next_line()).await.expect("an answer comes");
            serde_json::from_str(&line.unwrap().expect("an answer")).unwrap()
        }

        /// Waits until the server has ended by itself.
        async fn ended(self) -> io::Result<()> {
            timeout(PATIENCE, self.serving).await.expect("the server ends").unwrap()
        }
    }

    fn request(id: u32, method: &str) -> Value {
        json!({"jsonrpc": "2.0", "id": id, "method": method, "params": {
            "name": "wait",
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": {},
            },
        }})
    }

    #[tokio::test]
    async fn what_has_begun_is_answered_before_the_server_ends() {
        let mut server = Running::with(Limits::default());
        server.send(&request(1, "tools/call")).await;
        timeout(PATIENCE, server.entered.acquire())
            .await
            .expect("the call comes")
            .unwrap()
            .forget();
        server.stop.cancel();
        server.go.add_permits(1);
        assert_eq!(server.answer().await["result"]["isError"], false);
        // The input is still open; it is the server that ends.
        server.ended().await.unwrap();
    }

    #[tokio::test]
    async fn a_client_that_does_not_read_holds_up_the_end_for_a_while_only() {
        let limits = Limits { shutdown: Duration::from_millis(20), ..Limits::default() };
        let mut server = Running::with(limits);
        // More answers than there is room for.
        for id in 0..2_000 {
            server.send(&request(id, "tools/call")).await;
            server.go.add_permits(1);
        }
        server.stop.cancel();
        server.ended().await.unwrap();
    }

    #[tokio::test]
    async fn a_client_that_closes_its_end_has_gone() {
        let mut server = Running::with(Limits::default());
        let Running { output, .. } = &mut server;
        *output = BufReader::new(tokio::io::split(duplex(1).0).0).lines();
        server.send(&request(1, "server/discover")).await;
        server.ended().await.unwrap();
    }

    #[tokio::test]
    async fn a_client_may_begin_with_anything() {
        let mut server = Running::with(Limits::default());
        server.send(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled"})).await;
        server.send(&json!({"jsonrpc": "2.0", "id": 9, "result": {}})).await;
        server.send(&json!([])).await;
        assert_eq!(server.answer().await["error"]["code"], -32_600);
        server.send(&request(1, "server/discover")).await;
        assert_eq!(server.answer().await["id"], 1);
        drop(server.input);
    }
}
