//! The bugs that the bank can be given: one for each verdict of `mcp-kit replay`, by the same name, or
//! several where a verdict has several causes ([`Facts::verdict`]).
//!
//! A bug does one thing wrong and leaves everything else as it is. Where one thing cannot be wrong
//! without another one, the table says which.

use std::str::FromStr;

/// What a bug is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Whether a repeated request does harm.
    Idempotency,
    /// Whether an error helps.
    Guidance,
    /// Whether an answer comes in time.
    Latency,
}

impl Family {
    /// As it is written in lists.
    pub fn name(self) -> &'static str {
        match self {
            Self::Idempotency => "idempotency",
            Self::Guidance => "guidance",
            Self::Latency => "latency",
        }
    }
}

/// What there is to know of a bug.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    /// The bug.
    pub bug: Bug,
    /// Its name.
    pub name: &'static str,
    /// What it is about.
    pub family: Family,
    /// What is wrong, as a client sees it.
    pub about: &'static str,
    /// The bugs that are there with it of necessity.
    pub implies: &'static [Bug],
}

impl Facts {
    /// The verdict that it must trip: that of its name, but where several bugs trip one.
    pub fn verdict(&self) -> &'static str {
        match self.bug {
            Bug::KeyReuseSilentStale | Bug::KeyReuseActs => "key-reuse-not-rejected",
            Bug::StackTrace | Bug::SecretLeak => "error-leaks",
            Bug::WrongPointer => "wrong-argument-named",
            Bug::NoExpectedGot => "no-expectation",
            Bug::NextUnknownTool | Bug::NextBadArguments => "next-not-callable",
            Bug::UpstreamUnnamed => "failure-not-named",
            _ => self.name,
        }
    }
}

macro_rules! bugs {
    ($($bug:ident $name:literal $family:ident [$($implied:ident)*] $about:literal;)*) => {
        /// Something that the bank does wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "the table says what each does")]
        pub enum Bug { $($bug,)* }

        impl Bug {
            /// Every bug, in the order in which they are listed.
            pub const ALL: &[Facts] = &[$(Facts {
                bug: Self::$bug,
                name: $name,
                family: Family::$family,
                about: $about,
                implies: &[$(Self::$implied,)*],
            },)*];
        }
    };
}

bugs! {
    NoIdempotencyKey "no-idempotency-key" Idempotency []
        "deposit has no argument `idempotency_key`, and each call is a deposit";
    KeyDescriptionMisleads "key-description-misleads" Idempotency []
        "the description of every key asks for a new one in each request";
    DuplicateEffect "duplicate-effect" Idempotency
        [ReplayedAnswerDiffers ConcurrentDuplicateEffect KeyReuseActs LostResponseDuplicate
            CrashDuplicate RetentionTooShort TaskDuplicate ReplayAfterStateChange]
        "keys are checked and not kept: every write acts whenever it is called";
    ReplayedAnswerDiffers "replayed-answer-differs" Idempotency []
        "a repeated write does nothing and is answered with a new receipt_id";
    ConcurrentDuplicateEffect "concurrent-duplicate-effect" Idempotency []
        "whether a key is known is asked in one transaction and the write made in another, a moment \
         later: calls that come together all act";
    KeyReuseSilentStale "key-reuse-silent-stale" Idempotency []
        "a known key with other arguments is answered with what the first ones did";
    KeyReuseActs "key-reuse-acts" Idempotency []
        "a known key with other arguments is taken for a new request, which acts";
    FingerprintTooStrict "fingerprint-too-strict" Idempotency []
        "a repeated request whose arguments come in another order, or with a default written out, is \
         refused as idempotency_conflict";
    LostResponseDuplicate "lost-response-duplicate" Idempotency []
        "a write whose request is cancelled, or whose client has gone before it is answered, is done, \
         and its key forgotten";
    CrashDuplicate "crash-duplicate" Idempotency []
        "keys live in memory only: after a crash a repeated write acts again";
    StuckInFlight "stuck-in-flight" Idempotency []
        "a key is reserved before its write, for ever: after a crash in between it is answered \
         idempotency_in_flight and never anything else";
    CrashLostEffect "crash-lost-effect" Idempotency [LostResponseDuplicate]
        "a write is kept as answered before it is made: after a crash in between, or a cancelled \
         payment, it is answered with success and is not there";
    KeyLeaksAcrossTenants "key-leaks-across-tenants" Idempotency []
        "keys are not kept by tenant and user: somebody else's key is answered with somebody else's \
         answer";
    KeyLeaksAcrossTools "key-leaks-across-tools" Idempotency []
        "keys are not kept by tool: the key of one tool is answered by another one with the first \
         one's answer";
    DistinctKeysCollapsed "distinct-keys-collapsed" Idempotency []
        "the same arguments within ten minutes are taken for the same request, whatever their key";
    ValidationErrorBurnsKey "validation-error-burns-key" Idempotency []
        "a refusal of the arguments is kept under their key: corrected ones are refused as \
         idempotency_conflict";
    TransientErrorCached "transient-error-cached" Idempotency []
        "a failure of the upstream that could pass is kept under the key and answered again when it \
         has";
    RetentionTooShort "retention-too-short" Idempotency []
        "keys are forgotten after an hour of the clock";
    KeyIgnoredWhenEmpty "key-ignored-when-empty" Idempotency []
        "a key that is empty, too long or missing is taken for none, and the write acts each time";
    TaskDuplicate "task-duplicate" Idempotency []
        "export_statement begins a new export for a repeated request";
    ReplayAfterStateChange "replay-after-state-change" Idempotency []
        "a repeated open_account whose account was closed opens another one";
    HintContradicted "hint-contradicted" Idempotency []
        "close_account takes no key and says `idempotentHint: true`, and each call books another \
         closing entry";

    ErrorAsSuccess "error-as-success" Guidance []
        "errors come with `isError: false`";
    ProtocolErrorForInput "protocol-error-for-input" Guidance []
        "wrong arguments are answered with the JSON-RPC error -32602";
    StackTrace "stack-trace" Guidance []
        "the message of every error has a stack trace in it";
    SecretLeak "secret-leak" Guidance []
        "the message of every error has an access key in it";
    EmptyError "empty-error" Guidance [ErrorNotSpecific]
        "errors have no content at all";
    ErrorTooLong "error-too-long" Guidance []
        "errors have more than 2,000 characters";
    ErrorNotSpecific "error-not-specific" Guidance
        [WrongPointer NoExpectedGot RetryableUntrue NoRetryAfter EffectUntrue UpstreamUnnamed]
        "all errors are the same: internal, something went wrong";
    NoErrorCode "no-error-code" Guidance []
        "errors have no code";
    WrongPointer "wrong-pointer" Guidance []
        "the pointer to an argument leads nowhere: /body/… before each";
    NoExpectedGot "no-expected-got" Guidance []
        "an error about an argument says neither what was expected nor what came";
    RetryableUntrue "retryable-untrue" Guidance []
        "what can be tried again is said not to be, and the reverse";
    NoRetryAfter "no-retry-after" Guidance []
        "rate_limited has no retry_after_ms";
    NextUnknownTool "next-unknown-tool" Guidance []
        "the next step of every error is a tool that there is not";
    NextBadArguments "next-bad-arguments" Guidance []
        "the next step of every error is get_account, with arguments that it refuses";
    EffectUntrue "effect-untrue" Guidance []
        "what has had no effect is said to be applied, and the reverse";
    UpstreamUnnamed "upstream-unnamed" Guidance []
        "a failure of the upstream names neither the upstream nor its status";

    SlowSync "slow-sync" Latency []
        "get_account takes 6 s";
    NearLimit "near-limit" Latency []
        "get_account takes 3.5 s";
    NoProgress "no-progress" Latency []
        "get_account takes 1.5 s, and nothing that takes long says how far it is";
    TaskNotPollable "task-not-pollable" Latency [TaskNeverTerminal]
        "an export that was begun is not found by get_export and tasks/get";
    TaskNeverTerminal "task-never-terminal" Latency []
        "exports are running for ever";
    CancelIgnored "cancel-ignored" Latency []
        "a call that is cancelled goes on and takes effect, and so does a task";
    HangsOnSlowUpstream "hangs-on-slow-upstream" Latency []
        "deposit waits for the upstream for as long as it takes, twenty seconds at most";
}

impl Bug {
    /// What there is to know of it.
    pub fn facts(self) -> &'static Facts {
        let found = Self::ALL.iter().find(|facts| facts.bug == self);
        found.expect("the table has a line for each")
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.facts().name
    }
}

/// There is no bug of this name.
#[derive(Debug, thiserror::Error)]
#[error("there is no bug `{0}`")]
pub struct NoBug(String);

impl FromStr for Bug {
    type Err = NoBug;

    fn from_str(name: &str) -> Result<Self, NoBug> {
        let found = Self::ALL.iter().find(|facts| facts.name == name);
        found.map(|facts| facts.bug).ok_or_else(|| NoBug(name.to_owned()))
    }
}

/// The bugs that a bank has.
#[derive(Debug, Clone, Default)]
pub struct Bugs(Vec<Bug>);

impl Bugs {
    /// These.
    pub fn new(bugs: impl IntoIterator<Item = Bug>) -> Self {
        Self(bugs.into_iter().collect())
    }

    /// Whether it has one.
    pub fn has(&self, bug: Bug) -> bool {
        self.0.contains(&bug)
    }

    /// Whether it has any of these.
    pub fn has_any(&self, bugs: &[Bug]) -> bool {
        bugs.iter().any(|bug| self.has(*bug))
    }

    /// Their names.
    pub fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|bug| bug.name()).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Bug;

    #[test]
    fn a_bug_is_found_by_its_name() {
        let names: BTreeSet<_> = Bug::ALL.iter().map(|facts| facts.name).collect();
        assert_eq!(names.len(), Bug::ALL.len());
        for facts in Bug::ALL {
            assert_eq!(facts.name.parse::<Bug>().unwrap(), facts.bug);
            assert!(!facts.implies.contains(&facts.bug));
        }
        assert!("no-bug".parse::<Bug>().is_err());
    }
}
