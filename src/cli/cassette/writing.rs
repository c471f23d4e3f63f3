//! Writing a cassette: readable by its owner only, and whole or not at all.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use crate::{
    cli::{error::CliError, output::is_standard, terminal::Terminal},
    engine::{cassette::Line, report::escape::for_json},
};

/// A cassette that is being written.
pub(in crate::cli) struct Writing {
    sink: Sink,
    /// Whether lines are shown to somebody.
    is_watched: bool,
    is_gone: bool,
}

enum Sink {
    Nothing,
    Standard(BufWriter<io::Stdout>),
    /// What is no regular file: a pipe, a device.
    Direct(BufWriter<File>, PathBuf),
    /// Becomes the file when it is complete.
    File(BufWriter<NamedTempFile>, PathBuf),
}

impl Writing {
    /// Begins to write to a file, or to standard output.
    pub(in crate::cli) fn to(path: Option<&Path>, terminal: &Terminal) -> Result<Self, CliError> {
        let path = path.filter(|path| !is_standard(path));
        let sink = match path {
            None if terminal.is_silent() => Sink::Nothing,
            None => Sink::Standard(BufWriter::with_capacity(1 << 16, io::stdout())),
            Some(path) => file(path).map_err(|error| failed(path, &error))?,
        };
        let is_watched = path.is_none() && terminal.is_watched();
        Ok(Self { sink, is_watched, is_gone: false })
    }

    /// Writes a line; false where nobody reads any more.
    pub(in crate::cli) fn line(&mut self, line: &Line<'_>) -> Result<bool, CliError> {
        let mut text = line.to_text();
        if self.is_watched {
            text = for_json(&text);
        }
        self.put(|out| out.write_all(text.as_bytes()))?;
        Ok(!self.is_gone)
    }

    /// Puts what was written in its place.
    pub(in crate::cli) fn finish(mut self) -> Result<(), CliError> {
        self.put(|out| out.flush())?;
        if let Sink::File(writer, path) = self.sink {
            let file = writer.into_inner().map_err(|error| failed(&path, error.error()))?;
            file.persist(&path).map_err(|error| failed(&path, &error.error))?;
        }
        Ok(())
    }

    fn put(
        &mut self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), CliError> {
        if self.is_gone {
            return Ok(());
        }
        let (written, path) = match &mut self.sink {
            Sink::Nothing => return Ok(()),
            Sink::Standard(out) => (write(out), None),
            Sink::Direct(out, path) => (write(out), Some(path)),
            Sink::File(out, path) => (write(out), Some(path)),
        };
        match (written, path) {
            (Ok(()), _) => Ok(()),
            // A reader that has gone away, as `head` does, is not an error.
            (Err(error), None) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.is_gone = true;
                Ok(())
            }
            (Err(error), None) => Err(CliError::file("write", "standard output", &error)),
            (Err(error), Some(path)) => Err(failed(path, &error)),
        }
    }
}

fn failed(path: &Path, error: &io::Error) -> CliError {
    CliError::file("write", &path.display().to_string(), error)
}

fn file(path: &Path) -> io::Result<Sink> {
    // A symbolic link leads to the same file as before.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if let Ok(metadata) = fs::metadata(&path) {
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if !metadata.is_file() {
            let file = OpenOptions::new().write(true).open(&path)?;
            return Ok(Sink::Direct(BufWriter::new(file), path));
        }
    }
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    let file = tempfile::Builder::new()
        .prefix(".cassette-")
        .tempfile_in(folder.unwrap_or(Path::new(".")))?;
    Ok(Sink::File(BufWriter::with_capacity(1 << 18, file), path))
}
