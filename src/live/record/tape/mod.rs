//! The tape: takes apart what the relay hands over, keeps secrets out, and writes the cassette.
//!
//! It reads the pipe all the time, into memory where the disk is slow, because a full pipe would
//! hold up the client. It ends with the pipe, and not with a signal: what the client has seen is
//! written, whatever has become of the relay.

mod file;
mod lines;
mod queue;
#[cfg(feature = "http")]
mod response;
mod scribe;

use std::{
    io::{self, Read},
    path::PathBuf,
    sync::Arc,
    thread,
};

use super::frame::{self, Kind, Setup};

use queue::Queue;
use scribe::Scribe;

/// Messages that are longer are left out, in bytes. A cassette has to be readable, line by line.
pub const MAX_MESSAGE_BYTES: usize = 64 << 20;

/// Why a recording ended early.
#[derive(Debug, thiserror::Error)]
pub enum TapeError {
    /// The relay said something else than how to record.
    #[error("this command is started by mcp-kit record only")]
    NotARelay,
    /// The file could not be written.
    #[error("the recording {} has ended early: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Writes what comes through a pipe until that ends. `key` is what placeholders are made with.
///
/// # Errors
/// When nothing can be written any more.
pub fn run(mut pipe: impl Read + Send + 'static, key: [u8; 32]) -> Result<(), TapeError> {
    let setup = match frame::read(&mut pipe) {
        Ok(Some(frame)) if frame.tag.kind == Kind::Setup => {
            serde_json::from_slice::<Setup>(&frame.payload).map_err(|_| TapeError::NotARelay)?
        }
        _ => return Err(TapeError::NotARelay),
    };
    outlive_signals();
    let path = setup.path.clone();
    let failed = |source| TapeError::Write { path: path.clone(), source };
    let mut scribe = Scribe::new(setup, key).map_err(failed)?;
    let queue = Arc::new(Queue::default());
    let filled = Arc::clone(&queue);
    // A pipe that breaks is one that has ended.
    thread::spawn(move || {
        while let Ok(Some(frame)) = frame::read(&mut pipe) {
            filled.push(frame);
        }
        filled.end();
    });
    while let Some(frame) = queue.pop() {
        scribe.take(frame).map_err(failed)?;
    }
    scribe.finish().map_err(failed)
}

/// A client may well end everything that it finds; and a file that has grown to its limit is an
/// error like any other, not the end of the process. The handlers that this leaves behind do
/// nothing.
fn outlive_signals() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        /// `SIGXFSZ`, the same on all systems that Rust has a standard library for.
        const FILE_TOO_LARGE: i32 = 25;
        let kinds = [
            SignalKind::terminate(),
            SignalKind::interrupt(),
            SignalKind::hangup(),
            SignalKind::from_raw(FILE_TOO_LARGE),
        ];
        if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_io().build() {
            let _guard = runtime.enter();
            for kind in kinds {
                let _ = signal(kind);
            }
        }
    }
}
