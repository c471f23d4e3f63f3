//! The mock on standard input and output.

use std::{
    io::{self, BufRead, Read, Write},
    sync::Arc,
};

use tokio::{sync::mpsc, task::JoinSet};

use super::{
    Mock,
    peer::{Heard, Peer},
    perform::Piece,
};

/// The longest message that is read, in bytes.
const MAX_BYTES: u64 = 64 << 20;

/// What is to happen with standard output.
enum Out {
    Line(String),
    End,
}

impl Mock {
    /// Answers what comes on standard input, until that ends and everything is answered, or a fault ends
    /// the server: then with its exit code.
    pub async fn run_stdio(&self) -> Option<u8> {
        let (input, mut lines) = mpsc::channel(16);
        // Reading cannot be broken off: the thread ends with the process.
        std::thread::spawn(move || read(&mut io::stdin().lock(), &input));
        let (output, mut written) = mpsc::channel(64);
        let (done, is_done) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            write(&mut io::stdout(), &mut written);
            let _ = done.send(());
        });
        let peer = Arc::new(Peer::default());
        let mut running = JoinSet::new();
        let mut ended = self.shared.ended.subscribe();
        loop {
            tokio::select! {
                biased;
                _ = ended.changed() => break,
                line = lines.recv() => match line {
                    Some(line) => self.take(&line, &peer, &output, &mut running).await,
                    None => break,
                },
                // What is done is forgotten.
                Some(_) = running.join_next(), if !running.is_empty() => {}
            }
        }
        // Nobody will answer a question any more, but all that was asked is answered.
        peer.give_up();
        let finish = async { while running.join_next().await.is_some() {} };
        tokio::select! {
            _ = ended.wait_for(Option::is_some) => {}
            () = finish => {}
        }
        let _ = output.send(Out::End).await;
        let _ = is_done.await;
        *self.shared.ended.borrow()
    }

    async fn take(
        &self,
        line: &[u8],
        peer: &Arc<Peer>,
        output: &mpsc::Sender<Out>,
        running: &mut JoinSet<()>,
    ) {
        let request = match peer.hear(line) {
            Heard::Request(request) => request,
            Heard::Nothing => return,
            Heard::Wrong(error) => {
                let _ = output.send(Out::Line(error)).await;
                return;
            }
        };
        let (out, mut pieces) = mpsc::channel(4);
        let (shared, peer_of, id) =
            (Arc::clone(&self.shared), Arc::clone(peer), request.id.clone());
        let output = output.clone();
        let handle = running.spawn(async move {
            let answer = shared.answer(&peer_of, *request, out);
            let carry = async {
                while let Some(piece) = pieces.recv().await {
                    let line = match piece {
                        Piece::Message(text) => text,
                        Piece::Answer(answer) => answer.text,
                        Piece::Close => {
                            // A server on stdio closes by ending.
                            shared.ended.send_if_modified(|code| {
                                let is_first = code.is_none();
                                code.get_or_insert(0);
                                is_first
                            });
                            break;
                        }
                        Piece::Nothing | Piece::CutStream(_) | Piece::Status(..) => continue,
                    };
                    if output.send(Out::Line(line)).await.is_err() {
                        break;
                    }
                }
            };
            tokio::join!(answer, carry);
        });
        peer.runs(&id, handle);
        // It begins before the next message is looked at, which may take it back.
        tokio::task::yield_now().await;
    }
}

fn read(input: &mut impl BufRead, lines: &mpsc::Sender<Vec<u8>>) {
    loop {
        let mut line = Vec::new();
        match input.by_ref().take(MAX_BYTES).read_until(b'\n', &mut line) {
            Ok(length) if length > 0 => {}
            _ => return,
        }
        let is_empty = line.iter().all(u8::is_ascii_whitespace);
        if !is_empty && lines.blocking_send(line).is_err() {
            return;
        }
    }
}

/// Writes lines until the end is said. A client that has gone away ends it too.
fn write(output: &mut impl Write, lines: &mut mpsc::Receiver<Out>) {
    while let Some(Out::Line(mut line)) = lines.blocking_recv() {
        // A message is one line, also where it was recorded over HTTP.
        if line.contains('\n') {
            line = line.replace(['\n', '\r'], " ");
        }
        line.push('\n');
        if output.write_all(line.as_bytes()).and_then(|()| output.flush()).is_err() {
            return;
        }
    }
}
