//! What goes through the pipe from the relay to the tape.
//!
//! A frame is a head of [`HEAD`] bytes and a payload: the kind, who it is from, when it was seen in
//! microseconds since the recording began, the HTTP request that it belongs to, and the length of the
//! payload, numbers with their lowest byte first. It is nobody's format: both ends are one program.

use std::{
    io::{self, Read},
    path::PathBuf,
};

use serde::{Deserialize, Serialize};

use crate::engine::cassette::{Header, Party};

/// Bytes before the payload.
pub const HEAD: usize = 1 + 1 + 8 + 8 + 4;

/// What a frame is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// How to record: a [`Setup`]. The first frame.
    Setup = 1,
    /// Bytes of a stream: of standard input or output, or of the body of a request or response.
    Bytes = 2,
    /// The head of a request or response, as [`Head`].
    Head = 3,
    /// A stream has ended.
    End = 4,
    /// Bytes of the server's standard error.
    Stderr = 5,
    /// Something that happened, as an object with `event` and `data`.
    Event = 6,
    /// The recording was ended in order. The last frame.
    Done = 7,
}

/// A frame without its payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag {
    /// What it is about.
    pub kind: Kind,
    /// Who it is from.
    pub from: Party,
    /// The HTTP request, from 1; 0 on stdio.
    pub channel: u64,
}

/// How a recording is made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Setup {
    /// The file, which is there already and empty.
    pub path: PathBuf,
    /// The first line.
    pub header: Header,
    /// Go on in another file when one has so many bytes.
    pub rotate_bytes: Option<u64>,
    /// Keep nothing that still looks like a secret.
    pub is_strict: bool,
}

/// The head of a request or response, with all its headers: they go through a pipe only.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Head {
    /// Of a request: its method.
    pub method: Option<String>,
    /// Of a request: the path and query where they are not those of the endpoint.
    pub path: Option<String>,
    /// Of a response: its status.
    pub status: Option<u16>,
    /// All headers, by their names in lower case.
    pub headers: Vec<(String, String)>,
}

impl Head {
    /// A header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| &**value)
    }
}

/// Writes the head of a frame in front of a payload that begins at [`HEAD`].
pub fn write_head(buffer: &mut [u8], tag: Tag, at_us: u64) {
    let length = u32::try_from(buffer.len() - HEAD).expect("no frame has 4 GiB");
    buffer[0] = tag.kind as u8;
    buffer[1] = u8::from(tag.from == Party::Server);
    buffer[2..10].copy_from_slice(&at_us.to_le_bytes());
    buffer[10..18].copy_from_slice(&tag.channel.to_le_bytes());
    buffer[18..22].copy_from_slice(&length.to_le_bytes());
}

/// A frame as it was read.
#[derive(Debug)]
pub struct Frame {
    /// What it is.
    pub tag: Tag,
    /// When it was seen, in microseconds since the recording began.
    pub at_us: u64,
    /// What it carries.
    pub payload: Vec<u8>,
}

/// The next frame; none at the end of the pipe, also where that comes in the middle of a frame: then
/// nobody has seen the rest.
pub fn read(pipe: &mut impl Read) -> io::Result<Option<Frame>> {
    let mut head = [0; HEAD];
    if let Err(error) = pipe.read_exact(&mut head) {
        return if error.kind() == io::ErrorKind::UnexpectedEof { Ok(None) } else { Err(error) };
    }
    let number = |at: usize| {
        let bytes: [u8; 8] = head[at..at + 8].try_into().expect("eight bytes");
        u64::from_le_bytes(bytes)
    };
    let length = u32::from_le_bytes([head[18], head[19], head[20], head[21]]);
    let kind = match head[0] {
        1 => Kind::Setup,
        2 => Kind::Bytes,
        3 => Kind::Head,
        4 => Kind::End,
        5 => Kind::Stderr,
        6 => Kind::Event,
        7 => Kind::Done,
        other => return Err(io::Error::other(format!("there is no frame of kind {other}"))),
    };
    let from = if head[1] == 0 { Party::Client } else { Party::Server };
    let tag = Tag { kind, from, channel: number(10) };
    let mut payload = Vec::new();
    pipe.take(u64::from(length)).read_to_end(&mut payload)?;
    // What there is of a frame that was broken off may be on its way to the client already.
    Ok(Some(Frame { tag, at_us: number(2), payload }))
}

#[cfg(test)]
mod tests {
    use super::{HEAD, Kind, Tag, read, write_head};
    use crate::engine::cassette::Party;

    #[test]
    fn what_is_written_is_read() {
        let tag = Tag { kind: Kind::Bytes, from: Party::Server, channel: 7 };
        let mut buffer = vec![0; HEAD];
        buffer.extend(b"{}\n");
        write_head(&mut buffer, tag, 1_000_000_007);
        let frame = read(&mut buffer.as_slice()).unwrap().unwrap();
        assert_eq!((frame.tag, frame.at_us), (tag, 1_000_000_007));
        assert_eq!(frame.payload, b"{}\n");
        assert!(read(&mut &buffer[..HEAD - 1]).unwrap().is_none());
        assert_eq!(read(&mut &buffer[..HEAD + 1]).unwrap().unwrap().payload, b"{");
        assert!(read(&mut [9; HEAD].as_slice()).is_err());
    }
}
