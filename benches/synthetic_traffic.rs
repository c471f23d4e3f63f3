//! Writes a cassette of so many messages: calls of twenty tools in sessions of twenty calls each,
//! one in eight answered with an error. The same number gives the same bytes.
//!
//!   cargo run --release --example synthetic_traffic -- MESSAGES > traffic.jsonl

use std::io::{self, BufWriter, Write};

/// A linear congruential generator: enough to make texts differ.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

const WORDS: [&str; 16] = [
    "invoice", "customer", "address", "delivered", "yesterday", "the", "order", "was", "changed",
    "by", "a", "colleague", "in", "Lisbon", "pending", "review",
];

fn text(random: &mut Random, words: u64) -> String {
    let words = (0..words).map(|_| WORDS[random.below(16) as usize]);
    words.collect::<Vec<_>>().join(" ")
}

fn tools() -> String {
    let tool = |number: usize| {
        format!(
            r#"{{"name":"tool_{number}","description":"Does the thing number {number}.","inputSchema":{{"type":"object","properties":{{"customer_id":{{"type":"string","pattern":"^C-[0-9]+$"}},"note":{{"type":"string","maxLength":2000}},"amount":{{"type":"integer","minimum":0}},"idempotency_key":{{"type":"string"}}}},"required":["customer_id"],"additionalProperties":false}}}}"#
        )
    };
    (0..20).map(tool).collect::<Vec<_>>().join(",")
}

fn main() -> io::Result<()> {
    let argument = std::env::args().nth(1).and_then(|number| number.parse().ok());
    let messages: u64 = argument.unwrap_or(1_000_000);
    let mut out = BufWriter::new(io::stdout().lock());
    let mut random = Random(7);
    writeln!(
        out,
        r#"{{"kind":"header","format":"mcp-kit.cassette/1","id":"00000000000000000000000000000007","transport":"http","server":"synthetic","program":"synthetic_traffic"}}"#
    )?;
    let mut line = |n: u64, from: &str, session: u64, message: &str| {
        let at = n * 850;
        writeln!(
            out,
            r#"{{"kind":"message","n":{n},"at_us":{at},"from":"{from}","channel":{n},"session":{session},"message":{message}}}"#
        )
    };
    line(1, "client", 1, r#"{"jsonrpc":"2.0","id":0,"method":"tools/list"}"#)?;
    let list = format!(r#"{{"jsonrpc":"2.0","id":0,"result":{{"tools":[{}]}}}}"#, tools());
    line(2, "server", 1, &list)?;
    for call in 0..messages.saturating_sub(2) / 2 {
        let (n, session) = (call * 2 + 3, 1 + call / 20);
        let (tool, customer) = (random.below(20), random.below(5_000));
        let (amount, key, words) = (random.below(500), random.below(1 << 31), random.below(20));
        let note = text(&mut random, words);
        let request = format!(
            r#"{{"jsonrpc":"2.0","id":{call},"method":"tools/call","params":{{"name":"tool_{tool}","arguments":{{"customer_id":"C-{customer}","note":"{note}","amount":{amount},"idempotency_key":"key-{key:010}"}},"_meta":{{"progressToken":{call}}}}}}}"#
        );
        line(n, "client", session, &request)?;
        let (id, words) = (random.below(100_000), 5 + random.below(60));
        let said = text(&mut random, words);
        let result = match random.below(8) {
            0 => format!(
                r#"{{"content":[{{"type":"text","text":"{said}"}}],"isError":true,"structuredContent":{{"error":{{"code":"upstream_unavailable","message":"{said}","retryable":true,"effect":"unknown"}}}}}}"#
            ),
            _ => format!(
                r#"{{"content":[{{"type":"text","text":"{{\"data\":{{\"id\":\"{id}\",\"summary\":\"{said}\"}}}}"}}],"structuredContent":{{"data":{{"id":"{id}","summary":"{said}"}}}},"isError":false}}"#
            ),
        };
        let answer = format!(r#"{{"jsonrpc":"2.0","id":{call},"result":{result}}}"#);
        line(n + 1, "server", session, &answer)?;
    }
    let end = messages.saturating_sub(2) / 2 * 2 + 2;
    writeln!(out, r#"{{"kind":"end","n":{end}}}"#)?;
    out.flush()
}
