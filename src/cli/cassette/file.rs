//! Reading a cassette: what is damaged in it is named, or the end.

use std::{
    fs::File,
    io::{self, BufRead, BufReader},
    path::Path,
};

use crate::{
    cli::{error::CliError, output::is_standard, terminal::Terminal},
    engine::{
        cassette::{Damage, Header, Line, ReadError, Reader},
        report::escape::for_terminal,
    },
};

/// Most damaged lines that are named; the rest is counted.
const MOST_NAMED: u64 = 20;

/// How much is read at a time, in bytes.
const BUFFER: usize = 1 << 18;

/// A cassette that is open.
pub(in crate::cli) struct Cassette {
    /// The file as it is shown.
    pub(in crate::cli) name: String,
    reader: Reader<Box<dyn BufRead>>,
}

/// What is said about damage, and what is done about it.
pub(in crate::cli) struct Damages<'a> {
    terminal: &'a Terminal,
    is_strict: bool,
    named: u64,
}

/// Opens a file, or standard input for `-`.
pub(in crate::cli) fn source(path: &Path) -> Result<Box<dyn BufRead>, CliError> {
    if is_standard(path) {
        return Ok(Box::new(BufReader::with_capacity(BUFFER, io::stdin())));
    }
    let file = File::open(path)
        .map_err(|error| CliError::file("read", &path.display().to_string(), &error))?;
    Ok(Box::new(BufReader::with_capacity(BUFFER, file)))
}

/// How a file is called in messages.
pub(in crate::cli) fn name(path: &Path) -> String {
    if is_standard(path) { "standard input".to_owned() } else { path.display().to_string() }
}

impl Cassette {
    pub(in crate::cli) fn open(path: &Path) -> Result<Self, CliError> {
        let name = name(path);
        let reader = Reader::open(source(path)?).map_err(|error| refused(&name, error))?;
        Ok(Self { name, reader })
    }

    pub(in crate::cli) fn header(&self) -> &Header {
        self.reader.header()
    }

    /// The next line that can be read, or that is left to `damages`; none at the end.
    pub(in crate::cli) fn next_line(
        &mut self,
    ) -> Result<Option<Result<Line<'_>, Damage>>, CliError> {
        self.reader.next_line().map_err(|error| CliError::file("read", &self.name, &error))
    }

    /// Calls a function for each line that can be read, until it says that this is enough.
    pub(in crate::cli) fn each(
        &mut self,
        damages: &mut Damages<'_>,
        mut take: impl FnMut(Line<'_>) -> Result<bool, CliError>,
    ) -> Result<(), CliError> {
        let name = self.name.clone();
        while let Some(line) = self.next_line()? {
            match line {
                Ok(line) => {
                    if !take(line)? {
                        break;
                    }
                }
                Err(damage) => damages.met(&name, &damage)?,
            }
        }
        damages.end(&name);
        Ok(())
    }
}

/// Why a file is not taken for a cassette, with advice.
pub(in crate::cli) fn refused(name: &str, error: ReadError) -> CliError {
    match error {
        ReadError::Io(error) => CliError::file("read", name, &error),
        ReadError::NotACassette => CliError::usage(format!("{name}: {error}")).help(
            "make one of what others have recorded with `mcp-kit cassette import FILE -o OUT`",
        ),
        ReadError::Newer(_) => CliError::usage(format!("{name}: {error}"))
            .help("a later version of mcp-kit has written it; install that one"),
    }
}

impl<'a> Damages<'a> {
    pub(in crate::cli) fn new(is_strict: bool, terminal: &'a Terminal) -> Self {
        Self { terminal, is_strict, named: 0 }
    }

    /// # Errors
    /// When damage is not put up with. A torn end always is: that is how a recording ends that was
    /// stopped by force.
    pub(in crate::cli) fn met(&mut self, name: &str, damage: &Damage) -> Result<(), CliError> {
        if damage.is_torn {
            self.terminal.remark(&format!(
                "warning: {}:{}: the last line is cut off and left out\n",
                for_terminal(name),
                damage.line
            ));
            return Ok(());
        }
        let place = format!("{name}:{}", damage.line);
        self.skip(&place, &damage.reason)
    }

    /// Something that is passed over.
    pub(in crate::cli) fn skip(&mut self, place: &str, reason: &str) -> Result<(), CliError> {
        if self.is_strict {
            return Err(CliError::usage(format!("it cannot be read: {reason}"))
                .place(place)
                .help("without --strict it is passed over"));
        }
        self.named += 1;
        if self.named <= MOST_NAMED {
            self.terminal.remark(&format!(
                "warning: {}: passed over: {}\n",
                for_terminal(place),
                for_terminal(reason)
            ));
        }
        Ok(())
    }

    /// Counts what was not named.
    pub(in crate::cli) fn end(&mut self, name: &str) {
        if self.named > MOST_NAMED {
            let more = self.named - MOST_NAMED;
            self.terminal
                .remark(&format!("warning: {}: {more} more passed over\n", for_terminal(name)));
        }
        self.named = 0;
    }
}
