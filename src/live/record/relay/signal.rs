//! Waiting for the server, and passing on the signals that come in the meantime.

use std::{
    io,
    process::{Child, ExitStatus},
};

use super::super::TapeLink;

#[cfg(not(unix))]
pub(super) fn wait(child: &mut Child, _: &TapeLink) -> io::Result<ExitStatus> {
    child.wait()
}

#[cfg(unix)]
pub(super) fn wait(child: &mut Child, tape: &TapeLink) -> io::Result<ExitStatus> {
    use rustix::process::{Pid, WaitId, WaitIdOptions, kill_process, waitid};
    use tokio::{runtime, sync::oneshot};

    let server = Pid::from_child(child);
    let (ended, mut has_ended) = oneshot::channel();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // Without collecting it: until this process has, its number belongs to nobody else.
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            while matches!(waitid(WaitId::Pid(server), options), Err(rustix::io::Errno::INTR)) {}
            let _ = ended.send(());
        });
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let mut signals = signals()?;
            loop {
                tokio::select! {
                    _ = &mut has_ended => return Ok(()),
                    (signal, name) = next(&mut signals) => {
                        if !reaches_group(signal) {
                            tape.event(0, "signal", serde_json::json!({"name": name}));
                            let _ = kill_process(server, signal);
                        }
                    }
                }
            }
        })
    })
    .and_then(|()| child.wait())
}

#[cfg(unix)]
type Signals = [(tokio::signal::unix::Signal, rustix::process::Signal, &'static str); 6];

#[cfg(unix)]
fn signals() -> io::Result<Signals> {
    use rustix::process::Signal;
    use tokio::signal::unix::{SignalKind, signal};
    Ok([
        (signal(SignalKind::terminate())?, Signal::TERM, "SIGTERM"),
        (signal(SignalKind::interrupt())?, Signal::INT, "SIGINT"),
        (signal(SignalKind::hangup())?, Signal::HUP, "SIGHUP"),
        (signal(SignalKind::quit())?, Signal::QUIT, "SIGQUIT"),
        (signal(SignalKind::user_defined1())?, Signal::USR1, "SIGUSR1"),
        (signal(SignalKind::user_defined2())?, Signal::USR2, "SIGUSR2"),
    ])
}

#[cfg(unix)]
async fn next(signals: &mut Signals) -> (rustix::process::Signal, &'static str) {
    let [a, b, c, d, e, f] = signals;
    tokio::select! {
        _ = a.0.recv() => (a.1, a.2),
        _ = b.0.recv() => (b.1, b.2),
        _ = c.0.recv() => (c.1, c.2),
        _ = d.0.recv() => (d.1, d.2),
        _ = e.0.recv() => (e.1, e.2),
        _ = f.0.recv() => (f.1, f.2),
    }
}

/// Whether a signal was probably typed: then the terminal has sent it to the whole group, the server
/// among it, and twice Ctrl-C means something else to many.
#[cfg(unix)]
fn reaches_group(signal: rustix::process::Signal) -> bool {
    use rustix::process::{Signal, getpgrp};
    matches!(signal, Signal::INT | Signal::QUIT | Signal::HUP)
        && std::fs::File::open("/dev/tty")
            .ok()
            .and_then(|terminal| rustix::termios::tcgetpgrp(terminal).ok())
            .is_some_and(|group| group == getpgrp())
}
