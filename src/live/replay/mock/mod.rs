//! A cassette as a server, for tests of clients.
//!
//! A request is answered with what was recorded for it, under the id and the progress token that the
//! client has given. What the recording does not have is refused in words that say what it has. The
//! messages stay in the file: see `library` for what is kept of them, `shelf` for which one is the
//! answer, `greeting` for clients of the other era, and `perform` for how one request is answered,
//! with questions in between (`question`) and the faults that were ordered (`fault`).
//!
//! Read [`Mock`] first. Not for: putting recorded calls to a server (the rest of `replay`).

mod fault;
mod fingerprint;
mod greeting;
#[cfg(feature = "http")]
pub mod http;
mod key;
mod library;
mod nearest;
mod peer;
mod perform;
mod question;
mod request;
mod shelf;
pub mod stdio;
mod tape;

use std::{
    collections::HashSet,
    fs::File,
    io::{self, BufReader},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::watch;

pub use self::{
    fault::{FORMAT as FAULTS_FORMAT, Fault, FaultKind, Faults, FaultsError},
    library::{Contents, MOST},
};
use self::{
    fingerprint::Fingerprint,
    key::Keys,
    library::Library,
    request::Request,
    shelf::{Miss, Shelf, Wanted},
    tape::Tape,
};
use crate::engine::{cassette::Reader, protocol::revision::Era};

/// A cassette that answers. Clones are the same one.
#[derive(Clone)]
pub struct Mock {
    shared: Arc<Shared>,
}

/// How it answers.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// When answers come.
    pub pace: Pace,
    /// The only era that is spoken; none for both.
    pub era: Option<Era>,
    /// The argument that takes idempotency keys, where it is not recognised.
    pub key: Option<String>,
    /// What is to go wrong.
    pub faults: Faults,
}

/// When answers come.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Pace {
    /// At once.
    #[default]
    Immediate,
    /// As many times as fast as they were recorded; 1 is the recorded pace.
    Recorded(f64),
}

/// What happens while it answers, for whoever started it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// Something was asked that the recording has no answer to; told once.
    Unrecorded(String),
    /// A fault has struck: its number, and what it has struck.
    Struck(usize, String),
    /// A client speaks the other era than was recorded; told once.
    Translated(Era),
    /// The cassette cannot be read any more.
    Unreadable(String),
}

/// Whoever is told.
pub type Listener = Box<dyn Fn(Told) + Send + Sync>;

struct Shared {
    library: Library,
    tape: Tape,
    options: Options,
    is_http: bool,
    state: Mutex<State>,
    tell: Listener,
    /// With which exit code the server is to end, by a fault.
    ended: watch::Sender<Option<u8>>,
}

#[derive(Debug)]
struct State {
    shelf: Shelf,
    keys: Keys,
    faults: Faults,
    unrecorded: u64,
    /// What of that was told: a client that polls asks the same thing without end.
    told: HashSet<String>,
    has_translated: bool,
}

/// The most different things that are told to be missing.
const MOST_TOLD: usize = 1_000;

impl Mock {
    /// Reads what a cassette has. The file stays open, and is read again where something is asked.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn load(
        reader: Reader<BufReader<File>>,
        file: File,
        mut options: Options,
        is_http: bool,
        tell: Listener,
    ) -> io::Result<Self> {
        let mut library = Library::read(reader, options.key.clone())?;
        let shelf = Shelf::new(&library.entries);
        let keys = std::mem::take(&mut library.keys);
        let faults = std::mem::take(&mut options.faults);
        let state = State {
            shelf,
            keys,
            faults,
            unrecorded: 0,
            told: HashSet::new(),
            has_translated: false,
        };
        let shared = Shared {
            library,
            tape: Tape::new(file),
            options,
            is_http,
            state: Mutex::new(state),
            tell,
            ended: watch::Sender::new(None),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// What the cassette holds.
    pub fn contents(&self) -> &Contents {
        &self.shared.library.told
    }

    /// The faults, with how often each has struck.
    pub fn faults(&self) -> Faults {
        self.shared.state().faults.clone()
    }

    /// How often something was asked that the recording has no answer to.
    pub fn unrecorded(&self) -> u64 {
        self.shared.state().unrecorded
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nobody panics with it in hand.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The fault that strikes a request, if one does.
    fn strike(&self, request: &Request) -> Option<Fault> {
        let mut state = self.state();
        let arguments = request.params.arguments.as_deref();
        let name = request.params.tool.as_deref().and_then(|tool| state.keys.of(tool, arguments));
        let key = fault::key_text(request, name.as_deref());
        let (number, fault) = state.faults.strike(request, key.as_deref(), self.is_http)?;
        drop(state);
        (self.tell)(Told::Struck(number, request.in_words()));
        Some(fault)
    }

    /// The entry that answers a request, which counts as given.
    fn find(&self, request: &Request) -> Result<u32, Miss> {
        let mut state = self.state();
        let (name, key) = state.keys.with_digest(&request.params);
        let params = &request.params;
        let input = params.input.as_deref();
        let wanted = Wanted {
            fingerprint: Fingerprint::of_request(&request.method, params, name.as_deref()),
            key,
            input: input.map(|it| (Fingerprint::of_value(it), Fingerprint::of_actions(it))),
        };
        state.shelf.take(&self.library.entries, wanted)
    }

    /// Notes that something was asked to which there is no answer.
    fn missed(&self, what: &str) {
        let mut state = self.state();
        state.unrecorded += 1;
        let is_new = state.told.len() < MOST_TOLD && state.told.insert(what.to_owned());
        drop(state);
        if is_new {
            (self.tell)(Told::Unrecorded(what.to_owned()));
        }
    }

    fn note_translation(&self, era: Era) {
        if !std::mem::replace(&mut self.state().has_translated, true) {
            (self.tell)(Told::Translated(era));
        }
    }
}

impl Pace {
    /// How long a recorded time is to last.
    fn paced(self, recorded_us: Option<u64>) -> Duration {
        match (self, recorded_us) {
            (Self::Recorded(times), Some(recorded_us)) => {
                let seconds = recorded_us as f64 / 1e6 / times;
                Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
            }
            _ => Duration::ZERO,
        }
    }
}
