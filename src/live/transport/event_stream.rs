//! Server-sent events (WHATWG HTML, "Server-sent events", §9.2.5), read incrementally.
//!
//! Lines end with LF, CR LF or CR; data may span lines; comments and unknown fields are skipped.

/// One event with data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Event {
    /// The data lines joined by LF.
    pub data: Vec<u8>,
    /// The `event` field; none means `message`.
    pub name: Option<String>,
    /// The `id` field.
    pub id: Option<String>,
}

impl Event {
    /// Whether this carries a message: it has data, and no name or the name `message`.
    pub fn is_message(&self) -> bool {
        !self.data.is_empty() && self.name.as_deref().is_none_or(|name| name == "message")
    }
}

/// An event's data is longer than the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong;

/// Turns chunks of bytes into events.
#[derive(Debug, Default)]
pub struct Parser {
    line: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    /// The name of the event being read.
    name: Option<String>,
    /// The id of the event being read.
    id: Option<String>,
    /// The id of the last complete event that had one.
    last_id: Option<String>,
    ended_with_return: bool,
    started: bool,
    max_bytes: usize,
}

impl Parser {
    /// A parser whose events hold at most `max_bytes` of data.
    pub fn new(max_bytes: usize) -> Self {
        Self { max_bytes, ..Self::default() }
    }

    /// Takes in the next chunk and returns the events it completes.
    ///
    /// # Errors
    /// When an event grows beyond the limit.
    pub fn push(&mut self, chunk: &[u8]) -> Result<Vec<Event>, TooLong> {
        let mut events = Vec::new();
        let mut rest = chunk;
        while !rest.is_empty() {
            // The LF of a CR LF whose CR ended the line already, perhaps in the last chunk.
            if std::mem::take(&mut self.ended_with_return) && rest[0] == b'\n' {
                rest = &rest[1..];
                continue;
            }
            let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let content = &rest[..end.unwrap_or(rest.len())];
            if self.line.len() + self.data.len() + content.len() > self.max_bytes {
                return Err(TooLong);
            }
            self.line.extend_from_slice(content);
            let Some(end) = end else { break };
            self.ended_with_return = rest[end] == b'\r';
            rest = &rest[end + 1..];
            let line = std::mem::take(&mut self.line);
            events.extend(self.take_line(&line));
        }
        Ok(events)
    }

    /// The event that was complete but for its blank line when the stream ended. The standard has
    /// it thrown away; that it was meant is plain.
    pub fn finish(&mut self) -> Option<Event> {
        let is_complete = self.has_data && self.line.is_empty();
        is_complete.then(|| self.take_line(b"")).flatten()
    }

    /// The id to resume after, if the server gave one.
    pub fn last_id(&self) -> Option<&str> {
        self.last_id.as_deref()
    }

    /// Whether the stream stopped inside an event.
    pub fn is_inside_event(&self) -> bool {
        self.has_data || !self.line.is_empty()
    }

    fn take_line(&mut self, line: &[u8]) -> Option<Event> {
        let is_first = !std::mem::replace(&mut self.started, true);
        let line = if is_first { line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line) } else { line };
        if line.is_empty() {
            let id = self.id.take();
            if id.is_some() {
                self.last_id.clone_from(&id);
            }
            let has_data = std::mem::take(&mut self.has_data);
            let name = self.name.take();
            return has_data.then(|| Event { data: std::mem::take(&mut self.data), name, id });
        }
        let colon = line.iter().position(|byte| *byte == b':');
        let (field, value) = match colon {
            Some(colon) => (&line[..colon], &line[colon + 1..]),
            None => (line, &[][..]),
        };
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match field {
            b"data" => {
                if self.has_data {
                    self.data.push(b'\n');
                }
                self.data.extend_from_slice(value);
                self.has_data = true;
            }
            b"event" => self.name = Some(String::from_utf8_lossy(value).into_owned()),
            b"id" if !value.contains(&0) => {
                self.id = Some(String::from_utf8_lossy(value).into_owned());
            }
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{Event, Parser, TooLong};

    fn check(chunks: &[&str], expected: &[&str]) {
        let mut parser = Parser::new(1000);
        let mut events = Vec::new();
        for chunk in chunks {
            events.extend(parser.push(chunk.as_bytes()).unwrap());
        }
        let expected: Vec<_> = expected.iter().map(|data| data.as_bytes().to_vec()).collect();
        let data: Vec<_> = events.into_iter().map(|event| event.data).collect();
        assert_eq!(data, expected, "{chunks:?}");
    }

    #[test]
    fn events_are_found_whatever_ends_their_lines() {
        check(&["data: a\n\ndata: b\n\n"], &["a", "b"]);
        check(&["data: a\r\rdata: b\r\r"], &["a", "b"]);
        check(&["data: a\r\n\r\ndata: b\r\n\r\n"], &["a", "b"]);
        check(&["data: a\r", "\n\r", "\ndata: b\n\n"], &["a", "b"]);
        check(&["\u{feff}data:a\n\n"], &["a"]);
        check(&["da", "ta: a", "\n", "\n"], &["a"]);
    }

    #[test]
    fn data_lines_are_joined_and_the_rest_is_skipped() {
        check(&[": note\nevent: message\nretry: 10\ndata: a\ndata\ndata:  b\n\n"], &["a\n\n b"]);
        check(&[":\n\n\n\nid: 4\n\n"], &[]);
        check(&["data: unfinished\n"], &[]);
    }

    #[test]
    fn the_last_id_is_that_of_a_complete_event() {
        let mut parser = Parser::new(1000);
        parser.push(b"id: 1\ndata: a\n\nid: 2\ndata: b").unwrap();
        assert_eq!(parser.last_id(), Some("1"));
        assert!(parser.is_inside_event());
        parser.push(b"\n\n").unwrap();
        assert_eq!(parser.last_id(), Some("2"));
        assert!(!parser.is_inside_event());
    }

    #[test]
    fn an_event_of_another_name_is_no_message() {
        let mut parser = Parser::new(1000);
        let events = parser.push(b"event: ping\ndata: 1\n\nevent: message\ndata: 2\n\ndata: 3\n\n");
        let are_messages: Vec<_> = events.unwrap().iter().map(Event::is_message).collect();
        assert_eq!(are_messages, [false, true, true]);
    }

    #[test]
    fn an_event_without_end_is_given_up() {
        let mut parser = Parser::new(10);
        assert_eq!(parser.push(b"data: 0123456789"), Err(TooLong));
    }
}
