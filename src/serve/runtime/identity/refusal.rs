//! Why a token is not taken.

use super::KeySetError;

/// Why a request is not authenticated. [`Display`](std::fmt::Display) is for the log; a client is
/// only told [`Refusal::PUBLIC_TEXT`], because the cases help somebody who forges tokens. Neither
/// holds a token or a part of one; values of claims are quoted, shortened, when the signature holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no token.
    #[error("the request carries no access token")]
    NoToken,
    /// The `Authorization` header is not one bearer token.
    #[error("the Authorization header {0}")]
    BadHeader(&'static str),
    /// Longer than a token may be.
    #[error("the token has {length} bytes, and {max} are allowed")]
    TooLong {
        /// Of the token.
        length: usize,
        /// As configured.
        max: usize,
    },
    /// Not a signed JWT.
    #[error("the token {0}")]
    Malformed(&'static str),
    /// An algorithm that is not taken, `none` and the symmetric ones among them.
    #[error("the token is signed with `{0}`; RS256, ES256 and EdDSA are taken")]
    Algorithm(String),
    /// A header parameter that must be understood and is not, or a type that is no access token.
    #[error("the token's header has {0}")]
    Header(String),
    /// No key of this name for this algorithm.
    #[error("the issuer has no {algorithm} key with the id `{key}`")]
    UnknownKey {
        /// The token's `kid`, shortened.
        key: String,
        /// The token's `alg`.
        algorithm: &'static str,
    },
    /// No `kid`, and more than one key could be meant.
    #[error("the token names no key, and the issuer does not have exactly one {0} key")]
    NoKeyId(&'static str),
    /// The keys of the issuer cannot be had.
    #[error("the issuer's keys are not available: {0}")]
    NoKeys(KeySetError),
    /// Not signed by the issuer's key.
    #[error("the signature does not hold")]
    Signature,
    /// The claims are not one JSON object without duplicate keys.
    #[error("the token's claims {0}")]
    Claims(String),
    /// A claim that must be there is not.
    #[error("the token has no claim `{0}`")]
    Missing(String),
    /// A claim of a wrong type or size.
    #[error("the token's claim `{claim}` {fault}")]
    Claim {
        /// Its name.
        claim: String,
        /// What is wrong with it.
        fault: &'static str,
    },
    /// From somebody else.
    #[error("the token is issued by `{0}`")]
    Issuer(String),
    /// For somebody else.
    #[error("the token is meant for `{0}`")]
    Audience(String),
    /// Over.
    #[error("the token expired {0} s ago")]
    Expired(i64),
    /// Not valid before some time, or issued in the future.
    #[error("the token is valid only in {0} s")]
    NotYet(i64),
    /// The groups are too many for the token, and the issuer keeps them elsewhere.
    #[error(
        "the issuer left the groups out of the token and refers to another place for them; let it \
         put only the groups of this application into the token"
    )]
    GroupsElsewhere,
    /// The token is bound to a key of the client, which a bearer token cannot prove.
    #[error("the token is bound to a key (claim `cnf`), and sending it as a bearer proves no key")]
    Bound,
}

impl Refusal {
    /// What a client is told, whatever the case.
    pub const PUBLIC_TEXT: &'static str = "the access token is not valid for this server; get a new one from its authorization server";

    /// A word for the case, for metrics.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NoToken => "no_token",
            Self::BadHeader(_) => "bad_header",
            Self::TooLong { .. } => "too_long",
            Self::Malformed(_) => "malformed",
            Self::Algorithm(_) => "algorithm",
            Self::Header(_) => "header",
            Self::UnknownKey { .. } | Self::NoKeyId(_) => "unknown_key",
            Self::NoKeys(_) => "no_keys",
            Self::Signature => "signature",
            Self::Claims(_) | Self::Claim { .. } | Self::Missing(_) => "claims",
            Self::Issuer(_) => "issuer",
            Self::Audience(_) => "audience",
            Self::Expired(_) => "expired",
            Self::NotYet(_) => "not_yet",
            Self::GroupsElsewhere => "groups_elsewhere",
            Self::Bound => "bound",
        }
    }
}

/// A foreign text as it may stand in a log: short, and on one line.
pub(super) fn quoted(text: &str) -> String {
    const LONGEST: usize = 80;
    let mut short: String = text.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if text.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    short
}
