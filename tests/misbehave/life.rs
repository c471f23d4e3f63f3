//! How this process ends. Every way ends some time, so that a failed test leaves nothing behind.

use std::io::{self, Write};
use std::process;
use std::thread;
use std::time::Duration;

/// Ends the process at once, with nothing flushed or closed in order.
#[expect(clippy::exit, reason = "dying at a chosen moment is what this program is for")]
pub(crate) fn leave(code: i32) -> ! {
    process::exit(code)
}

/// Ends the process after `limit`, whatever it is doing then.
pub(crate) fn limit(limit: Duration) {
    thread::spawn(move || {
        thread::sleep(limit);
        leave(0);
    });
}

/// Does nothing until the process is ended from outside or by its limit.
pub(crate) fn stay() -> ! {
    loop {
        thread::park();
    }
}

/// Writes a line to standard error.
pub(crate) fn log(line: &str) {
    // A client may well close our standard error; that is no reason to stop.
    let _ = writeln!(io::stderr(), "{line}");
}
