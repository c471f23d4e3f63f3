//! Reads the examples of rules about recorded traffic: a surface, and beside it `recorded`, a list of
//! calls. `times` repeats a call, each time with other arguments; `repeat` and `each` are as many
//! sessions with the same calls.

use serde_json::{Value, json};

use super::{Counter, Usage};
use crate::engine::{
    cassette::{FORMAT, Reader},
    protocol::json::Limits,
    surface::{self, Surface},
};

/// The surface of an example, and what its calls come to.
pub(in crate::engine) fn read(code: &str) -> (Surface, Usage) {
    let value: Value = serde_json::from_str(code).unwrap_or_else(|error| panic!("{error}\n{code}"));
    let surface = surface::read(code.as_bytes(), &Limits::default()).unwrap();
    let mut tape = Tape { text: String::new(), n: 0 };
    for (index, item) in value["recorded"].as_array().unwrap().iter().enumerate() {
        match item["repeat"].as_u64() {
            Some(sessions) => {
                for session in 0..sessions {
                    let session = 1_000 * (index as u64 + 1) + session;
                    item["each"].as_array().unwrap().iter().for_each(|it| tape.call(session, it));
                }
            }
            None => tape.call(1, item),
        }
    }
    let header = json!({"kind": "header", "format": FORMAT, "id": "example"});
    let text = format!("{header}\n{}", tape.text);
    let mut reader = Reader::open(text.as_bytes()).unwrap();
    let mut counter = Counter::over(&surface);
    counter.begin(reader.header());
    while let Some(line) = reader.next_line().unwrap() {
        counter.take(&line.unwrap());
    }
    (surface, counter.finish())
}

struct Tape {
    text: String,
    n: u64,
}

impl Tape {
    fn call(&mut self, session: u64, item: &Value) {
        for time in 0..item["times"].as_u64().unwrap_or(1) {
            let default = || json!({"number": self.n + time});
            let arguments = item.get("arguments").cloned().unwrap_or_else(default);
            let id = self.n + 1;
            let params = json!({"name": item["call"], "arguments": arguments});
            let request = json!({"id": id, "method": "tools/call", "params": params});
            self.line("client", session, &request);
            let content = |text: &Value| json!([{"type": "text", "text": text}]);
            let result = match &item["error"] {
                Value::Null => json!({"content": content(&"fine".into())}),
                text => json!({"content": content(text), "isError": true}),
            };
            if item["is_lost"] != true {
                self.line("server", session, &json!({"id": id, "result": result}));
            }
        }
    }

    fn line(&mut self, from: &str, session: u64, message: &Value) {
        self.n += 1;
        let line = json!({"kind": "message", "n": self.n, "from": from, "session": session,
            "message": message});
        self.text.push_str(&format!("{line}\n"));
    }
}
