//! The calls of a recording one after the other, in the order in which they were made, without holding
//! more of it than the calls that were under way at the same time.

use std::{
    collections::VecDeque,
    io::{self, BufRead},
};

use crate::{
    engine::cassette::{Answer, Damage, Exchange, Joiner, Line, Party, Reader, Seen},
    live::replay::recording::Step,
};

/// The most calls that are held because one before them is not answered yet.
const MOST_HELD: usize = 1_024;
/// The most bytes that they may have together.
const MOST_BYTES: usize = 64 << 20;

/// Reads calls.
pub struct Calls<R> {
    reader: Reader<R>,
    joiner: Option<Joiner>,
    waiting: VecDeque<Waiting>,
    bytes: usize,
    /// The lines that cannot be read, as far as they are held.
    pub damages: Vec<Damage>,
    /// How many there are.
    pub damaged: u64,
}

struct Waiting {
    exchange: Exchange,
    is_done: bool,
    bytes: usize,
}

/// A call, with its number among all calls of the recording.
pub struct Numbered {
    /// From 1, in the order of the requests: the one that a [`joiner`] gives it.
    pub serial: u64,
    /// The call.
    pub step: Step,
}

/// What puts calls and their answers together, everywhere in the same way.
pub fn joiner() -> Joiner {
    Joiner::new(|from, method| from == Party::Client && method == "tools/call")
}

impl<R: BufRead> Calls<R> {
    /// The calls of a cassette.
    pub fn of(reader: Reader<R>) -> Self {
        let (waiting, damages) = (VecDeque::new(), Vec::new());
        Self { reader, joiner: Some(joiner()), waiting, bytes: 0, damages, damaged: 0 }
    }

    /// The next call; none at the end.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn next_call(&mut self) -> io::Result<Option<Numbered>> {
        loop {
            let is_ready = self.waiting.front().is_some_and(|first| first.is_done);
            // A call that is never answered must not hold up all others.
            let is_full = self.waiting.len() > MOST_HELD || self.bytes > MOST_BYTES;
            if is_ready || is_full || self.joiner.is_none() {
                let Some(first) = self.waiting.pop_front() else { return Ok(None) };
                self.bytes -= first.bytes;
                let serial = first.exchange.serial;
                match Step::of(first.exchange) {
                    Some(step) => return Ok(Some(Numbered { serial, step })),
                    None => continue,
                }
            }
            self.read_line()?;
        }
    }

    fn read_line(&mut self) -> io::Result<()> {
        let Self { reader, joiner, waiting, bytes, damages, damaged } = self;
        match reader.next_line()? {
            Some(Ok(Line::Message(message))) => {
                let Some(joiner) = joiner else { return Ok(()) };
                joiner.watch(&message, |seen| match seen {
                    Seen::Asked(exchange) => {
                        let exchange = exchange.clone();
                        let size = exchange.params.as_ref().map_or(0, |params| params.get().len());
                        *bytes += size;
                        waiting.push_back(Waiting { exchange, is_done: false, bytes: size });
                    }
                    Seen::Done(exchange) => {
                        let place = waiting
                            .iter_mut()
                            .find(|waiting| waiting.exchange.serial == exchange.serial);
                        let Some(place) = place else { return };
                        let size = match &exchange.answer {
                            Answer::Result(json) | Answer::Error(json) => json.get().len(),
                            Answer::None => 0,
                        };
                        *bytes += size;
                        place.bytes += size;
                        place.exchange = exchange;
                        place.is_done = true;
                    }
                });
            }
            Some(Ok(_)) => {}
            Some(Err(damage)) => {
                *damaged += 1;
                if damages.len() < 20 {
                    damages.push(damage);
                }
            }
            None => *joiner = None,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Calls;
    use crate::engine::cassette::{CallOutcome, Reader};

    fn line(n: u64, from: &str, message: &str) -> String {
        format!("{{\"kind\":\"message\",\"n\":{n},\"from\":\"{from}\",\"message\":{message}}}\n")
    }

    fn ask(n: u64) -> String {
        let call = format!(
            r#"{{"jsonrpc":"2.0","id":{n},"method":"tools/call","params":{{"name":"t{n}"}}}}"#
        );
        line(n, "client", &call)
    }

    fn answer(n: u64, id: u64) -> String {
        line(n, "server", &format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#))
    }

    const HEADER: &str = "{\"kind\":\"header\",\"format\":\"mcp-kit.cassette/1\",\"id\":\"0\"}\n";

    fn calls(text: &str) -> Vec<(String, u64, CallOutcome)> {
        let mut calls = Calls::of(Reader::open(text.as_bytes()).unwrap());
        std::iter::from_fn(|| calls.next_call().unwrap())
            .map(|call| (call.step.tool, call.serial, call.step.outcome))
            .collect()
    }

    #[test]
    fn calls_come_in_the_order_of_their_requests() {
        let text = [HEADER.to_owned(), ask(1), ask(2), answer(3, 2), ask(4), answer(5, 1)].concat();
        assert_eq!(
            calls(&text),
            [
                ("t1".to_owned(), 1, CallOutcome::Ok),
                ("t2".to_owned(), 2, CallOutcome::Ok),
                ("t4".to_owned(), 3, CallOutcome::Unanswered),
            ]
        );
    }

    #[test]
    fn a_call_without_an_answer_does_not_hold_up_the_rest() {
        let mut text = [HEADER.to_owned(), ask(1)].concat();
        for n in 1..3_000 {
            text.push_str(&ask(2 * n));
            text.push_str(&answer(2 * n + 1, 2 * n));
        }
        let mut calls = Calls::of(Reader::open(text.as_bytes()).unwrap());
        let mut count = 0;
        while let Some(call) = calls.next_call().unwrap() {
            count += 1;
            let is_first = call.serial == 1;
            assert_eq!(call.step.outcome == CallOutcome::Unanswered, is_first);
            assert!(calls.waiting.len() <= 1_025);
        }
        assert_eq!(count, 3_000);
    }
}
