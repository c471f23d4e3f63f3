//! Facts about a server that only whoever reads its bytes can see.

use crate::engine::protocol::{json::OddityKind, pointer::Pointer};

/// Something met on the way, before any rule has judged it.
///
/// Each kind belongs to exactly one rule, which says how bad it is and what to do. Reading goes
/// on after an observation: a bad server is input, not an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// What kind of fact.
    pub kind: ObservationKind,
    /// Where in the surface, if it is in the surface; none for what happened on the wire.
    pub pointer: Option<Pointer>,
    /// The particulars, as a lowercase fragment that can stand after a colon.
    pub detail: String,
}

impl Observation {
    /// A fact about the conversation rather than about a place in the surface.
    pub fn on_wire(kind: ObservationKind, detail: impl Into<String>) -> Self {
        Self { kind, pointer: None, detail: detail.into() }
    }

    /// A fact about one place in the surface.
    pub fn at(kind: ObservationKind, pointer: Pointer, detail: impl Into<String>) -> Self {
        Self { kind, pointer: Some(pointer), detail: detail.into() }
    }
}

/// The kinds of [`Observation`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObservationKind {
    /// The JSON is readable but odd.
    Json(OddityKind),
    /// A member has a type that the specification does not allow there.
    WrongType,
    /// A listed item is so malformed that it has no name to call it by.
    UnreadableItem,
    /// A list result has no list in it.
    MissingList,
    /// Something that is not a JSON-RPC message where one was expected.
    NotAMessage,
    /// A JSON-RPC message that a strict peer refuses.
    MalformedMessage,
    /// An answer to a question that was not asked, or asked once and answered twice.
    UnexpectedResponse,
    /// A line ending other than a single LF on stdio.
    LineEnding,
    /// A cursor that was handed out before: following it would never end.
    RepeatedCursor,
    /// A cursor that is not a non-empty string.
    MalformedCursor,
    /// Paging or reading was stopped by a budget, so the list is incomplete.
    Truncated,
    /// A list was promised by a capability and could not be fetched.
    ListFailed,
    /// A list that answers although no capability promises it.
    UndeclaredList,
    /// `ttlMs` or `cacheScope` is missing, malformed, or not the same on all pages.
    CacheHints,
    /// A `resultType` that the specification does not know.
    UnknownResultType,
    /// The answer's HTTP status or content type does not fit its content.
    HttpMismatch,
    /// A stream ended before the answer it carried was complete.
    StreamCut,
    /// The session was forgotten by the server in the middle.
    SessionLost,
    /// The endpoint answers with a redirect.
    Redirected,
    /// A revision that the client did not offer or that nobody published.
    Revision,
    /// The two eras advertise different things.
    ErasDiffer,
    /// The server did not stop when its standard input was closed.
    DidNotStop,
    /// A notification that the client has to ask for and did not.
    UnrequestedNotification,
    /// `server/discover` is not answered, not as it should be, or says what other answers deny.
    Discover,
}

impl ObservationKind {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Json(OddityKind::DuplicateKey),
        Self::Json(OddityKind::InvalidUtf8),
        Self::Json(OddityKind::LoneSurrogate),
        Self::Json(OddityKind::ControlCharacter),
        Self::Json(OddityKind::ByteOrderMark),
        Self::Json(OddityKind::NumberOutOfRange),
        Self::Json(OddityKind::TooDeep),
        Self::WrongType,
        Self::UnreadableItem,
        Self::MissingList,
        Self::NotAMessage,
        Self::MalformedMessage,
        Self::UnexpectedResponse,
        Self::LineEnding,
        Self::RepeatedCursor,
        Self::MalformedCursor,
        Self::Truncated,
        Self::ListFailed,
        Self::UndeclaredList,
        Self::CacheHints,
        Self::UnknownResultType,
        Self::HttpMismatch,
        Self::StreamCut,
        Self::SessionLost,
        Self::Redirected,
        Self::Revision,
        Self::ErasDiffer,
        Self::DidNotStop,
        Self::UnrequestedNotification,
        Self::Discover,
    ];
}
