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
    let reading = tokio::spawn(read(input, to_sdk, lines, limits, metrics));
    let serving = async {
        // The client may leave before it has said anything, which is no fault.
        match handler.serve(theirs).await {
            Ok(service) => {
                let cancel = service.cancellation_token();
                tokio::select! {
                    ended = service.waiting() => info!(?ended, "the client has gone"),
                    () = stop.cancelled() => cancel.cancel(),
                }
            }
            Err(fault) => info!(%fault, "the client has gone before it was served"),
        }
    };
    tokio::select! {
        () = serving => {}
        () = stop.cancelled() => {}
    }
    reading.abort();
    // What the SDK has said is still written.
    let _ = relaying.await;
    writing.await.map_err(io::Error::other)?
}

/// Lines from the client to the SDK.
async fn read<R: AsyncRead + Unpin>(
    input: R,
    mut to_sdk: tokio::io::WriteHalf<DuplexStream>,
    answers: mpsc::Sender<Vec<u8>>,
    limits: Limits,
    metrics: Arc<Metrics>,
) -> io::Result<()> {
    let mut input = BufReader::new(input);
    let mut line = Vec::new();
    loop {
        line.clear();
        let most = u64::try_from(limits.message_bytes).unwrap_or(u64::MAX).saturating_add(1);
        let read = (&mut input).take(most).read_until(b'\n', &mut line).await?;
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
