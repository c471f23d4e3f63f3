//! Our own standard input and output, which are the client's ends of the server's.
//!
//! Read and written without the buffers of the standard library, which wait for line feeds, and
//! closed when the other side has closed: a client notices that its server has stopped to read.

#[cfg(unix)]
pub(super) use unix::{close_input, close_output, read, write_all};

#[cfg(not(unix))]
pub(super) use other::{close_input, close_output, read, write_all};

#[cfg(unix)]
mod unix {
    use std::{fs::File, io};

    use rustix::{
        event::{PollFd, PollFlags, poll},
        io::Errno,
        stdio::{dup2_stdin, dup2_stdout, stdin, stdout},
    };

    /// Some bytes; none at the end.
    pub(in super::super) fn read(buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match rustix::io::read(stdin(), &mut *buffer) {
                Ok(length) => return Ok(length),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => wait(PollFd::new(&stdin(), PollFlags::IN))?,
                Err(error) => return Err(error.into()),
            }
        }
    }

    pub(in super::super) fn write_all(mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match rustix::io::write(stdout(), bytes) {
                Ok(length) => bytes = &bytes[length..],
                Err(Errno::INTR) => {}
                // A client may have set its end to not wait, which is ours as well.
                Err(Errno::AGAIN) => wait(PollFd::new(&stdout(), PollFlags::OUT))?,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn wait(end: PollFd<'_>) -> io::Result<()> {
        match poll(&mut [end], None) {
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Lets the client's next write fail.
    pub(in super::super) fn close_input() {
        if let Ok(nothing) = File::open("/dev/null") {
            let _ = dup2_stdin(nothing);
        }
    }

    /// Lets the client read the end.
    pub(in super::super) fn close_output() {
        if let Ok(nothing) = File::options().write(true).open("/dev/null") {
            let _ = dup2_stdout(nothing);
        }
    }
}

#[cfg(not(unix))]
mod other {
    use std::io::{self, Read, Write};

    pub(in super::super) fn read(buffer: &mut [u8]) -> io::Result<usize> {
        io::stdin().read(buffer)
    }

    pub(in super::super) fn write_all(bytes: &[u8]) -> io::Result<()> {
        let mut output = io::stdout().lock();
        output.write_all(bytes)?;
        output.flush()
    }

    /// They end with the process.
    pub(in super::super) fn close_input() {}

    pub(in super::super) fn close_output() {}
}
