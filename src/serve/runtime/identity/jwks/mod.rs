//! The public keys of an issuer, from a file or an address, as they change.
//!
//! Keys are asked for again periodically, and at once when a token names an unknown one, because
//! that is how a rotation shows. Only one request is under way at a time and unknown names cannot
//! make more than one per cool-down, so that forged tokens do not become a load on the issuer. What
//! was read once stays in use while the issuer is out of reach.

mod key;
mod source;

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use jsonwebtoken::{Algorithm, DecodingKey};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::{super::clock::Clock, Refusal, refusal::quoted};

pub use source::Location;

use source::Source;

/// When keys are read again, and how much is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refreshing {
    /// After how long keys are read again although no token asks for it. A key that the issuer has
    /// withdrawn is believed for as long.
    pub every: Duration,
    /// How long nothing is read after an attempt, whatever tokens name.
    pub cool_down: Duration,
    /// How long one attempt may take.
    pub timeout: Duration,
    /// The most bytes.
    pub max_bytes: usize,
}

impl Default for Refreshing {
    fn default() -> Self {
        Self {
            every: Duration::from_secs(300),
            cool_down: Duration::from_secs(30),
            timeout: Duration::from_secs(5),
            max_bytes: 256 << 10,
        }
    }
}

/// Why keys cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeySetError {
    /// Neither a file nor an address that keys may come from.
    #[error("`{location}` {fault}")]
    Location {
        /// As configured.
        location: String,
        /// What is wrong with it.
        fault: &'static str,
    },
    /// The file cannot be read.
    #[error("cannot read {path}: {fault}")]
    File {
        /// Its path.
        path: String,
        /// What the system says.
        fault: String,
    },
    /// The address does not answer as it should.
    #[error("{address} {fault}")]
    Address {
        /// The address.
        address: String,
        /// What it does.
        fault: String,
    },
    /// More than is read.
    #[error("{location} has more than {max} bytes")]
    TooLong {
        /// The file or address.
        location: String,
        /// As configured.
        max: usize,
    },
    /// What was read is no JWK Set, or one without a key that can be used.
    #[error("{location} {fault}")]
    Content {
        /// The file or address.
        location: String,
        /// What is wrong with it.
        fault: String,
    },
    /// Nothing was tried yet, or just now without success.
    #[error("no attempt to read them has succeeded yet")]
    NotYet,
}

/// The keys of one issuer. Clones share them.
#[derive(Clone)]
pub struct KeySet {
    shared: Arc<Shared>,
}

struct Shared {
    source: Source,
    refreshing: Refreshing,
    clock: Clock,
    known: RwLock<Arc<Known>>,
    /// How many attempts are over.
    attempts: AtomicU64,
    /// Held during an attempt.
    flight: Arc<Mutex<()>>,
}

/// Keys by their id and what they sign.
type Keys = HashMap<(Option<String>, Algorithm), Arc<DecodingKey>>;

#[derive(Default)]
struct Known {
    keys: Keys,
    generation: u64,
    /// The text, to tell whether anything is new.
    text: Vec<u8>,
    read_at: Option<i64>,
    failure: Option<KeySetError>,
    tried_at: Option<i64>,
}

impl fmt::Debug for KeySet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.shared.known();
        formatter
            .debug_struct("KeySet")
            .field("location", &self.shared.source.location())
            .field("keys", &known.keys.len())
            .finish_non_exhaustive()
    }
}

impl KeySet {
    /// Keys that come from a location. Nothing is read yet: see [`Self::refresh`].
    ///
    /// # Errors
    /// When keys may not come from there.
    pub fn new(
        location: Location,
        refreshing: Refreshing,
        clock: Clock,
    ) -> Result<Self, KeySetError> {
        let source = Source::new(location, &refreshing)?;
        let (known, attempts, flight) = (RwLock::default(), AtomicU64::new(0), Arc::default());
        let shared = Shared { source, refreshing, clock, known, attempts, flight };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Reads the keys now. When it fails, those that were there stay.
    ///
    /// # Errors
    /// When they cannot be read, or are no keys.
    pub async fn refresh(&self) -> Result<(), KeySetError> {
        let flight = self.shared.flight.clone().lock_owned().await;
        self.fly(flight).await;
        self.shared.known().failure.clone().map_or(Ok(()), Err)
    }

    /// How often other keys than before were read: what was judged with older ones does not hold.
    pub fn generation(&self) -> u64 {
        self.shared.known().generation
    }

    /// Whether there are keys to verify anything with.
    pub fn is_ready(&self) -> bool {
        !self.shared.known().keys.is_empty()
    }

    /// The key of an id for an algorithm, and the generation that it is of.
    pub(super) async fn find(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<(Arc<DecodingKey>, u64), Refusal> {
        let shared = &self.shared;
        let attempts = shared.attempts.load(Ordering::Acquire);
        let known = shared.known();
        if let Some(key) = known.key(id, algorithm) {
            return Ok((key, known.generation));
        }
        // While another request is fetching, `tried_at` is still the time before, so that all who
        // miss the same new key wait for the one attempt.
        if shared.may_try(&known) {
            let flight = shared.flight.clone().lock_owned().await;
            if shared.attempts.load(Ordering::Acquire) == attempts {
                self.fly(flight).await;
            }
        }
        let known = shared.known();
        if let Some(key) = known.key(id, algorithm) {
            return Ok((key, known.generation));
        }
        if known.keys.is_empty() {
            let failure = known.failure.clone().unwrap_or(KeySetError::NotYet);
            return Err(Refusal::NoKeys(failure));
        }
        let algorithm = key::name(algorithm);
        Err(match id {
            Some(id) => Refusal::UnknownKey { key: quoted(id), algorithm },
            None => Refusal::NoKeyId(algorithm),
        })
    }

    /// Called for every token, also for those whose signature need not be verified again: starts an
    /// attempt where one is due, beside the request, which goes on with the keys that are there.
    pub(super) fn refresh_when_due(&self) {
        let shared = &self.shared;
        let known = shared.known();
        let is_due = shared.is_over(known.read_at, shared.refreshing.every);
        if !is_due || !shared.source.changes() || !shared.may_try(&known) {
            return;
        }
        if let Ok(flight) = shared.flight.clone().try_lock_owned() {
            let keys = self.clone();
            tokio::spawn(async move { keys.fly(flight).await });
        }
    }

    /// One attempt, in a task of its own: a request that is cancelled does not take it along.
    async fn fly(&self, flight: OwnedMutexGuard<()>) {
        let shared = self.shared.clone();
        let attempt = tokio::spawn(async move {
            let outcome = shared.source.read(&shared.refreshing).await;
            let now = shared.clock.now();
            shared.take(outcome, now);
            shared.attempts.fetch_add(1, Ordering::AcqRel);
            drop(flight);
        });
        if let Err(error) = attempt.await {
            tracing::error!(%error, "reading the issuer's keys was broken off");
        }
    }
}

impl Shared {
    fn known(&self) -> Arc<Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn may_try(&self, known: &Known) -> bool {
        self.is_over(known.tried_at, self.refreshing.cool_down)
    }

    /// Whether so much time has passed. A clock that was set back does not stop the readings.
    fn is_over(&self, since: Option<i64>, duration: Duration) -> bool {
        let duration = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        since.is_none_or(|since| !(0..duration).contains(&(self.clock.now() - since)))
    }

    /// Takes over what an attempt has brought.
    fn take(&self, outcome: Result<Vec<u8>, KeySetError>, now: i64) {
        let old = self.known();
        let location = self.source.location();
        let read = outcome.and_then(|text| {
            if text == old.text && old.read_at.is_some() {
                return Ok((text, old.keys.clone(), old.generation));
            }
            let keys = key::read(&text)
                .map_err(|fault| KeySetError::Content { location: location.clone(), fault })?;
            Ok((text, keys, old.generation + 1))
        });
        let known = match read {
            Ok((text, keys, generation)) => {
                if generation != old.generation {
                    tracing::info!(%location, keys = keys.len(), "the issuer's keys were read");
                }
                Known {
                    keys,
                    generation,
                    text,
                    read_at: Some(now),
                    failure: None,
                    tried_at: Some(now),
                }
            }
            Err(error) => {
                tracing::warn!(%error, "cannot read the issuer's keys; those known stay in use");
                Known {
                    keys: old.keys.clone(),
                    generation: old.generation,
                    text: old.text.clone(),
                    read_at: old.read_at,
                    failure: Some(error),
                    tried_at: Some(now),
                }
            }
        };
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(known);
    }
}

impl Known {
    fn key(&self, id: Option<&str>, algorithm: Algorithm) -> Option<Arc<DecodingKey>> {
        if let Some(id) = id {
            return self.keys.get(&(Some(id.to_owned()), algorithm)).cloned();
        }
        // A token without `kid` is fine where nothing is to be chosen (RFC 7517 section 4.5).
        let mut fitting = self.keys.iter().filter(|((_, signs), _)| *signs == algorithm);
        let (_, key) = fitting.next()?;
        fitting.next().is_none().then(|| key.clone())
    }
}

#[cfg(test)]
mod tests;
