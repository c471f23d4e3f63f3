//! HTTP/1.1 written by hand, so that every byte of it can be wrong.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};

/// A request as it came in. Header names are in lower case.
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// A response as it should be sent.
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Response {
    /// A response with no headers and no body.
    pub(crate) fn empty(status: u16) -> Response {
        Response { status, headers: Vec::new(), body: Vec::new() }
    }

    pub(crate) fn json(status: u16, body: Vec<u8>) -> Response {
        Response::empty(status).with_body("application/json", body)
    }

    /// Adds a header in front, or replaces it.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Response {
        self = self.without(name);
        self.headers.insert(0, (name.to_string(), value.to_string()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Response {
        self.headers.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
        self
    }

    pub(crate) fn with_body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Response {
        self.body = body.into();
        self.with("Content-Type", content_type)
    }

    /// The status line and headers, up to and without the empty line.
    pub(crate) fn head(&self) -> String {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200..=299 => "Fine",
        300..=399 => "Elsewhere",
        400..=499 => "Your Fault",
        _ => "Our Fault",
    }
}

/// One connection of a client.
pub(crate) struct Connection {
    reader: BufReader<TcpStream>,
    writer: TcpStream,
    /// Whether another request may follow.
    pub(crate) open: bool,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream) -> io::Result<Connection> {
        // Otherwise each event of a stream waits for the acknowledgement of the one before.
        stream.set_nodelay(true)?;
        Ok(Connection { reader: BufReader::new(stream.try_clone()?), writer: stream, open: true })
    }

    /// The next request; `None` when the client has closed the connection.
    pub(crate) fn receive(&mut self) -> io::Result<Option<Request>> {
        let mut line = String::new();
        if self.reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let mut words = line.split_whitespace();
        let method = words.next().unwrap_or_default().to_string();
        let path = words.next().unwrap_or_default().to_string();

        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            self.reader.read_line(&mut line)?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_string()));
        }
        let mut request = Request { method, path, headers, body: Vec::new() };
        let length = request.header("content-length").and_then(|length| length.parse().ok());
        if let Some(length) = length {
            self.reader.by_ref().take(length).read_to_end(&mut request.body)?;
        }
        Ok(Some(request))
    }

    /// Sends the response with its true length.
    pub(crate) fn send(&mut self, response: &Response) -> io::Result<()> {
        let head = format!("{}Content-Length: {}\r\n\r\n", response.head(), response.body.len());
        self.bytes(&[head.as_bytes(), &response.body].concat())
    }

    /// Sends exactly these bytes.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.writer.write_all(bytes)
    }

    /// Sends the head of the response and leaves its body to [`Connection::chunk`].
    pub(crate) fn begin_chunks(&mut self, response: &Response) -> io::Result<()> {
        self.bytes(format!("{}Transfer-Encoding: chunked\r\n\r\n", response.head()).as_bytes())
    }

    /// Sends one chunk, which must not be empty: an empty chunk ends the body.
    pub(crate) fn chunk(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        let bytes = bytes.as_ref();
        let size = format!("{:x}\r\n", bytes.len());
        self.bytes(&[size.as_bytes(), bytes, b"\r\n"].concat())
    }

    pub(crate) fn end_chunks(&mut self) -> io::Result<()> {
        self.bytes(b"0\r\n\r\n")
    }

    /// Closes the connection as it is.
    pub(crate) fn cut(&mut self) -> io::Result<()> {
        self.open = false;
        self.writer.shutdown(Shutdown::Both)
    }

    /// Sends nothing more, and waits until the client has had enough.
    pub(crate) fn hold(&mut self) -> io::Result<()> {
        self.open = false;
        io::copy(&mut self.reader, &mut io::sink()).map(drop)
    }
}
