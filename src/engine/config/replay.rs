//! `[replay]`: what the options of `mcp-kit replay` are unless they are given, what links recorded calls,
//! and how the server gets back to where it began.

use std::time::Duration;

use super::{
    ConfigError,
    table::{Spanned, Table},
};
use crate::engine::{protocol::json::Position, rule::wording};

/// `[replay]`. It is about one server, and no other file's is taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    /// `allow_writes`: whether tools are called that write.
    pub allow_writes: Option<bool>,
    /// `restart`: whether a server that has ended by itself is started again.
    pub restart: Option<bool>,
    /// `rounds`
    pub rounds: Option<u32>,
    /// `racers`
    pub racers: Option<u32>,
    /// `settle`
    pub settle: Option<Duration>,
    /// `wait`
    pub wait: Option<Duration>,
    /// `slow`
    pub slow: Option<Duration>,
    /// `task_limit`
    pub task_limit: Option<Duration>,
    /// `key`: the argument that takes idempotency keys.
    pub key: Option<String>,
    /// `control`: the address of the endpoint, or the file that has it.
    pub control: Option<String>,
    /// `other_command`: what starts the server as another user.
    pub other_command: Option<String>,
    /// `other_bearer_env`: the variable with another user's token.
    pub other_bearer_env: Option<String>,
    /// `[[replay.observe]]`
    pub observers: Vec<Observe>,
    /// `[[replay.binding]]`
    pub bindings: Vec<Binding>,
    /// `[replay.reset]`
    pub reset: Option<Reset>,
    /// Where the section stands.
    pub position: Position,
}

/// `[[replay.observe]]`: what counts the effects of a tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observe {
    /// `tool`
    pub tool: String,
    /// The rest. Paths are relative to the file's folder.
    pub counter: Counter,
}

/// What counts effects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counter {
    /// `lines`: the lines of a file.
    Lines(String),
    /// `files`: the files in a folder.
    Files(String),
    /// `rows` of a table in the SQLite file `database`.
    Rows {
        /// The table.
        table: String,
        /// The file.
        database: String,
    },
    /// `command`: the number that it prints.
    Command(String),
}

/// `[[replay.binding]]`: a link between recorded calls, or a place that takes part in none. Places are
/// `TOOL#/pointer` or `LINE#/pointer`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Binding {
    /// `from` and `to`.
    Link {
        /// Where in an answer.
        from: Spot,
        /// Where among arguments.
        to: Spot,
    },
    /// `never`
    Never(Spot),
}

/// A place as it is written, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// The place.
    pub text: String,
    /// Where it stands in the file.
    pub position: Position,
}

/// `[replay.reset]`: how the server gets back to where it began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reset {
    /// `command`, which is run in the file's folder.
    Command(String),
    /// `control = true`: the control endpoint is asked.
    Control,
}

impl Replay {
    /// What of it lets others act or learn something: commands, addresses and variables, each with its
    /// key. The user is asked about them.
    pub fn to_be_trusted(&self) -> Vec<(&'static str, &str)> {
        let commands = self.observers.iter().filter_map(|observe| match &observe.counter {
            Counter::Command(command) => Some(("observe.command", command.as_str())),
            _ => None,
        });
        let reset = match &self.reset {
            Some(Reset::Command(command)) => Some(("reset.command", command.as_str())),
            _ => None,
        };
        let named = [
            ("control", &self.control),
            ("other_command", &self.other_command),
            ("other_bearer_env", &self.other_bearer_env),
        ];
        let named = named.into_iter().filter_map(|(key, value)| Some((key, value.as_deref()?)));
        commands.chain(reset).chain(named).collect()
    }
}

const KEYS: [&str; 15] = [
    "allow_writes", "restart", "rounds", "racers", "settle", "wait", "slow", "task_limit", "key",
    "control", "other_command", "other_bearer_env", "observe", "binding", "reset",
];

pub(super) fn replay(file: &Table<'_>) -> Result<Option<Replay>, ConfigError> {
    let Some(section) = file.table("replay")? else { return Ok(None) };
    section.only(&KEYS)?;
    let text = |key| Ok(section.text(key)?.map(|text| text.value.to_owned()));
    Ok(Some(Replay {
        allow_writes: section.flag("allow_writes")?,
        restart: section.flag("restart")?,
        rounds: section.count("rounds")?,
        racers: section.count("racers")?,
        settle: duration(&section, "settle")?,
        wait: duration(&section, "wait")?,
        slow: duration(&section, "slow")?,
        task_limit: duration(&section, "task_limit")?,
        key: text("key")?,
        control: text("control")?,
        other_command: text("other_command")?,
        other_bearer_env: text("other_bearer_env")?,
        observers: section.tables("observe")?.iter().map(observe).collect::<Result<_, _>>()?,
        bindings: section.tables("binding")?.iter().map(binding).collect::<Result<_, _>>()?,
        reset: reset(&section)?,
        position: section.position(),
    }))
}

fn observe(entry: &Table<'_>) -> Result<Observe, ConfigError> {
    entry.only(&["tool", "lines", "files", "rows", "database", "command"])?;
    let tool = entry.required("tool", "name the tool whose effects are counted")?;
    let given = ["lines", "files", "rows", "command"].map(|key| Ok((key, entry.text(key)?)));
    let given = given.into_iter().collect::<Result<Vec<_>, ConfigError>>()?;
    let mut given = given.into_iter().filter_map(|(key, text)| Some((key, text?)));
    let help = "say what counts: lines = FILE, files = FOLDER, rows = TABLE with database = FILE, or \
                command = COMMAND";
    let Some((key, value)) = given.next() else { return Err(entry.missing("command", help)) };
    if let Some((other, second)) = given.next() {
        let message = format!("`{key}` and `{other}` are both given");
        return Err(entry.error(second.span, message).help("keep one of the two"));
    }
    let owned = value.value.to_owned();
    let counter = match key {
        "lines" => Counter::Lines(owned),
        "files" => Counter::Files(owned),
        "command" => Counter::Command(owned),
        _ => {
            let database = entry.required("database", "name the SQLite file that has the table")?;
            Counter::Rows { table: owned, database: database.value.to_owned() }
        }
    };
    Ok(Observe { tool: tool.value.to_owned(), counter })
}

fn binding(entry: &Table<'_>) -> Result<Binding, ConfigError> {
    entry.only(&["from", "to", "never"])?;
    let place = |key| {
        let text = entry.text(key)?;
        text.map(|text: Spanned<&str>| {
            let is_place = text.value.split_once('#').is_some_and(|(of, pointer)| {
                !of.is_empty() && (pointer.is_empty() || pointer.starts_with('/'))
            });
            if is_place {
                let position = entry.position_of(&text.span);
                return Ok(Spot { text: text.value.to_owned(), position });
            }
            let shown = wording::shorten(text.value);
            let message =
                format!("`{key}` of `[[replay.binding]]` is `{shown}`, which is no place");
            let help = "write TOOL#/pointer, or LINE#/pointer for one call alone";
            Err(entry.error(text.span, message).help(help))
        })
        .transpose()
    };
    match (place("from")?, place("to")?, place("never")?) {
        (Some(from), Some(to), None) => Ok(Binding::Link { from, to }),
        (None, None, Some(never)) => Ok(Binding::Never(never)),
        (Some(_), None, None) => {
            Err(entry.missing("to", "say where among the arguments of a later call the value goes"))
        }
        (None, Some(_), None) => {
            Err(entry.missing("from", "say where in an earlier answer the value comes from"))
        }
        _ => Err(entry.missing("never", "give `from` and `to` for a link, or `never` alone")),
    }
}

fn reset(section: &Table<'_>) -> Result<Option<Reset>, ConfigError> {
    let Some(reset) = section.table("reset")? else { return Ok(None) };
    reset.only(&["command", "control"])?;
    match (reset.text("command")?, reset.flag("control")?) {
        (Some(command), None | Some(false)) => Ok(Some(Reset::Command(command.value.to_owned()))),
        (None, Some(true)) => Ok(Some(Reset::Control)),
        (Some(command), Some(true)) => {
            let message = "a reset is a command or the control endpoint";
            Err(reset.error(command.span, message).help("keep one of the two"))
        }
        (None, _) => Err(reset.missing(
            "command",
            "say how the server gets back to where it began: command = COMMAND, or control = true",
        )),
    }
}

/// A time above zero: `500ms`, `5s`, `2m`.
fn duration(section: &Table<'_>, key: &str) -> Result<Option<Duration>, ConfigError> {
    let Some(text) = section.text(key)? else { return Ok(None) };
    let word = text.value.trim();
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    let millis = match word[digits..].trim() {
        "ms" => Some(1),
        "s" => Some(1_000),
        "m" => Some(60_000),
        _ => None,
    };
    let number = word[..digits].parse::<u64>().ok().filter(|number| *number > 0);
    let time = number.zip(millis).and_then(|(number, millis)| number.checked_mul(millis));
    time.map(|time| Some(Duration::from_millis(time))).ok_or_else(|| {
        let shown = wording::shorten(text.value);
        let message = format!("`{key}` of `[replay]` is `{shown}`, which is no time");
        section.error(text.span, message).help("write for example 500ms, 5s or 2m")
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{super::read, Binding, Counter, Reset};

    #[test]
    fn the_section_is_read() {
        let config = read(
            "[replay]\nallow_writes = true\nrestart = false\nrounds = 3\nsettle = \"20ms\"\n\
             slow = \"5s\"\nkey = \"request\"\n\
             [[replay.observe]]\ntool = \"pay\"\nrows = \"payment\"\ndatabase = \"app.db\"\n\
             [[replay.observe]]\ntool = \"mail\"\ncommand = \"wc -l out\"\n\
             [[replay.binding]]\nfrom = \"make#/id\"\nto = \"12#/item\"\n\
             [[replay.binding]]\nnever = \"search#/rows/*/name\"\n\
             [replay.reset]\ncommand = \"./reset\"\n",
        );
        let replay = config.unwrap().replay.unwrap();
        assert_eq!((replay.allow_writes, replay.restart), (Some(true), Some(false)));
        assert_eq!(replay.settle, Some(Duration::from_millis(20)));
        assert_eq!(replay.slow, Some(Duration::from_secs(5)));
        let rows = Counter::Rows { table: "payment".to_owned(), database: "app.db".to_owned() };
        assert_eq!(replay.observers[0].counter, rows);
        assert!(matches!(&replay.bindings[0], Binding::Link { to, .. } if to.text == "12#/item"));
        assert!(matches!(&replay.bindings[1], Binding::Never(never) if never.position.line == 19));
        assert_eq!(replay.reset, Some(Reset::Command("./reset".to_owned())));
        let trusted = [("observe.command", "wc -l out"), ("reset.command", "./reset")];
        assert_eq!(replay.to_be_trusted(), trusted);
    }

    #[test]
    fn what_cannot_be_meant_is_an_error() {
        for (text, said) in [
            ("[replay]\nsettle = \"0ms\"\n", "which is no time"),
            ("[replay]\nwait = \"5 years\"\n", "which is no time"),
            ("[replay.reset]\n", "has no `command`"),
            (
                "[replay.reset]\ncommand = \"x\"\ncontrol = true\n",
                "a command or the control endpoint",
            ),
            ("[[replay.observe]]\ntool = \"x\"\n", "has no `command`"),
            ("[[replay.observe]]\ntool = \"x\"\nlines = \"a\"\nfiles = \"b\"\n", "are both given"),
            ("[[replay.observe]]\ntool = \"x\"\nrows = \"a\"\n", "has no `database`"),
            ("[[replay.binding]]\nfrom = \"make#/id\"\n", "has no `to`"),
            ("[[replay.binding]]\nnever = \"make/id\"\n", "which is no place"),
            ("[[replay.binding]]\n", "has no `never`"),
        ] {
            let error = read(text).expect_err(text);
            assert!(error.message.contains(said), "{text}: {error}");
        }
    }
}
