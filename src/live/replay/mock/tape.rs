//! The lines of a cassette by their places: they are read when they are wanted and not kept.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    sync::{Mutex, PoisonError},
};

use serde_json::value::RawValue;

use crate::engine::cassette::{Body, Line, MAX_LINE_BYTES};

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Where its line begins.
    pub(super) offset: u64,
    /// Which one it is in a batch, from 0.
    pub(super) index: u32,
}

/// A cassette that is open. What others append to it is not looked at; that they shorten it or write
/// over it is noticed where a line is not one any more.
#[derive(Debug)]
pub(super) struct Tape {
    file: Mutex<BufReader<File>>,
}

impl Tape {
    pub(super) fn new(file: File) -> Self {
        Self { file: Mutex::new(BufReader::new(file)) }
    }

    /// The message at a place.
    pub(super) fn message(&self, place: Place) -> io::Result<Box<RawValue>> {
        let mut bytes = Vec::new();
        {
            let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            file.seek(SeekFrom::Start(place.offset))?;
            (&mut *file).take(MAX_LINE_BYTES as u64).read_until(b'\n', &mut bytes)?;
        }
        let changed = || io::Error::other("the cassette was changed meanwhile");
        let line = Line::read(&bytes).map_err(|_| changed())?;
        let Line::Message(message) = line else { return Err(changed()) };
        let Body::Json(json) = message.body else { return Err(changed()) };
        one_of(&json, place.index).map(ToOwned::to_owned).ok_or_else(changed)
    }
}

/// A message, or one of a batch.
pub(super) fn one_of(json: &RawValue, index: u32) -> Option<&RawValue> {
    if !json.get().starts_with('[') {
        return (index == 0).then_some(json);
    }
    let batch: Vec<&RawValue> = serde_json::from_str(json.get()).ok()?;
    batch.get(index as usize).copied()
}
