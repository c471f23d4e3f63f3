//! A payment network that does what it is told, and counts.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// What it does with a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Does {
    /// Makes it.
    Pays,
    /// Answers with a status and a header, and does not make it.
    Refuses(u16, &'static str),
    /// Makes it and answers with what is no JSON.
    Garbles,
    /// Answers when the bank has given up, or after this time.
    Delays(Duration),
}

/// It listens as long as the process lives.
pub(super) struct Upstream {
    pub(super) address: SocketAddr,
    does: Arc<Mutex<Does>>,
    keys: Arc<Mutex<BTreeSet<String>>>,
    asked: Arc<AtomicBool>,
}

impl Upstream {
    pub(super) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let does = Arc::new(Mutex::new(Does::Pays));
        let keys = Arc::<Mutex<BTreeSet<String>>>::default();
        let asked = Arc::<AtomicBool>::default();
        let (told, made, called) = (Arc::clone(&does), Arc::clone(&keys), Arc::clone(&asked));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (told, made) = (Arc::clone(&told), Arc::clone(&made));
                let called = Arc::clone(&called);
                thread::spawn(move || serve(stream.unwrap(), &told, &made, &called));
            }
        });
        Self { address, does, keys, asked }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn does(&self, what: Does) {
        *self.does.lock().unwrap() = what;
    }

    /// Whether it was asked for a payment.
    pub(super) fn is_asked(&self) -> bool {
        self.asked.load(Ordering::SeqCst)
    }

    /// How many payments were made: each key once.
    pub(super) fn payments(&self) -> usize {
        self.keys.lock().unwrap().len()
    }
}

/// Answers the requests of a connection, until it is closed.
fn serve(
    mut stream: TcpStream,
    told: &Mutex<Does>,
    made: &Mutex<BTreeSet<String>>,
    asked: &AtomicBool,
) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    loop {
        let (mut length, mut key) = (0, String::new());
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or_default() == 0 {
                return;
            }
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            match line.split_once(": ") {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.parse().unwrap();
                }
                Some((name, value)) if name.eq_ignore_ascii_case("idempotency-key") => {
                    value.clone_into(&mut key);
                }
                _ => {}
            }
        }
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        asked.store(true, Ordering::SeqCst);
        let does = *told.lock().unwrap();
        let pay = || made.lock().unwrap().insert(key.clone());
        let answer = match does {
            Does::Pays => {
                pay();
                "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}".to_owned()
            }
            Does::Garbles => {
                pay();
                "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>".to_owned()
            }
            Does::Refuses(status, header) => {
                format!("HTTP/1.1 {status} No\r\n{header}content-length: 0\r\n\r\n")
            }
            Does::Delays(time) => {
                stream.set_read_timeout(Some(time)).unwrap();
                // Whoever gives up closes the connection.
                if matches!(stream.read(&mut [0]), Ok(0)) {
                    return;
                }
                stream.set_read_timeout(None).unwrap();
                pay();
                "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}".to_owned()
            }
        };
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}
