//! A relay that a test can cut: connections go to one target after the other.

use std::{
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

/// It listens as long as the process lives.
pub(super) struct Relay {
    pub(super) address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    targets: Mutex<Vec<SocketAddr>>,
    next: AtomicUsize,
    is_cut: AtomicBool,
    open: Mutex<Vec<TcpStream>>,
}

impl Relay {
    pub(super) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let of_thread = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                of_thread.connect(stream);
            }
        });
        Self { address, shared }
    }

    /// Where connections go from now on.
    pub(super) fn lead_to(&self, targets: &[SocketAddr]) {
        *self.shared.targets.lock().unwrap() = targets.to_vec();
    }

    /// Ends every connection, and each that comes.
    pub(super) fn cut(&self) {
        self.shared.is_cut.store(true, Ordering::SeqCst);
        for stream in self.shared.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    pub(super) fn mend(&self) {
        self.shared.is_cut.store(false, Ordering::SeqCst);
    }
}

impl Shared {
    /// A target that does not listen is left out, as a balancer does that looks after its targets.
    fn connect(&self, client: TcpStream) {
        let targets = self.targets.lock().unwrap().clone();
        let mut open = self.open.lock().unwrap();
        if self.is_cut.load(Ordering::SeqCst) {
            return;
        }
        for _ in 0..targets.len() {
            let target = targets[self.next.fetch_add(1, Ordering::SeqCst) % targets.len()];
            let Ok(server) = TcpStream::connect(target) else { continue };
            open.extend([client.try_clone().unwrap(), server.try_clone().unwrap()]);
            pump(client.try_clone().unwrap(), server.try_clone().unwrap());
            pump(server, client);
            return;
        }
    }
}

fn pump(mut from: TcpStream, mut to: TcpStream) {
    thread::spawn(move || {
        let mut buffer = [0; 1 << 16];
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            if to.write_all(&buffer[..read]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    });
}
