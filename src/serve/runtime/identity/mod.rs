//! Who asks: from a bearer token over HTTP, or from configuration over stdio.
//!
//! The server is a resource server of OAuth 2.1 and nothing more: a [`Verifier`] checks a token
//! against the [`KeySet`] of its issuer and leaves an [`Identity`], and [`Metadata`] tells clients
//! where to get a token and words the challenges. A token ends here: an identity holds none, so no
//! tool, log, store or upstream can see one.
//!
//! Read [`Identity`] first, then [`Verifier::verify`]. Not for: what somebody may do, which is
//! decided in `policy`, and not for getting tokens; [`demo`] issues some for trying things out.

mod bearer;
mod claims;
mod configured;
pub mod demo;
mod jwks;
mod metadata;
mod refusal;
#[cfg(test)]
mod signer;
mod verifier;

use std::collections::BTreeSet;

pub use bearer::bearer;
pub use claims::ClaimNames;
pub use configured::{ConfiguredError, read as read_configured};
pub use jwks::{KeySet, KeySetError, Location, Refreshing};
pub use metadata::{Challenge, Metadata, MetadataError};
pub use refusal::Refusal;
pub use verifier::{Expectations, Verifier};

/// Somebody who asks for something, as far as a server needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Identity {
    /// The customer organization that this somebody belongs to. Nothing of another one is ever seen.
    pub tenant: String,
    /// The issuer's name for the user or the service.
    pub subject: String,
    /// Who vouches for it: the `iss` of the token, or a name for the local configuration.
    pub issuer: String,
    /// The client that the user came with, where it is known.
    pub client: Option<String>,
    /// Names of roles that the user has within the tenant.
    pub groups: BTreeSet<String>,
    /// Up to which sensitivity the user may see records.
    pub clearance: i64,
    /// What the token was granted for.
    pub scopes: BTreeSet<String>,
}

impl Identity {
    /// The one name of this somebody, for ledgers, policies and the audit trail: issuer, tenant and
    /// subject, `|` between them. Two identities have the same name only when all three are equal,
    /// because a `|`, a `%` and a control character inside of one are written as `%` and two digits.
    pub fn principal(&self) -> String {
        let length = self.issuer.len() + self.tenant.len() + self.subject.len() + 2;
        let mut name = String::with_capacity(length);
        for (index, part) in [&self.issuer, &self.tenant, &self.subject].into_iter().enumerate() {
            if index > 0 {
                name.push('|');
            }
            for character in part.chars() {
                match character {
                    // Control characters end at U+009F, so two hexadecimal digits are enough.
                    '|' | '%' => name.push_str(&format!("%{:02X}", u32::from(character))),
                    control if control.is_control() => {
                        name.push_str(&format!("%{:02X}", u32::from(control)));
                    }
                    other => name.push(other),
                }
            }
        }
        name
    }

    /// Whether the token was granted for all of these.
    pub fn has_scopes<'a>(&self, needed: impl IntoIterator<Item = &'a str>) -> bool {
        needed.into_iter().all(|scope| self.scopes.contains(scope))
    }

    /// The same somebody with these scopes as well: what could be seen after a step-up. For
    /// filtering lists, never for a call.
    pub fn with_scopes<'a>(&self, more: impl IntoIterator<Item = &'a str>) -> Self {
        let mut identity = self.clone();
        identity.scopes.extend(more.into_iter().map(str::to_owned));
        identity
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Identity;

    fn identity(issuer: &str, tenant: &str, subject: &str) -> Identity {
        Identity {
            tenant: tenant.to_owned(),
            subject: subject.to_owned(),
            issuer: issuer.to_owned(),
            client: None,
            groups: BTreeSet::new(),
            clearance: 0,
            scopes: BTreeSet::new(),
        }
    }

    #[test]
    fn a_principal_names_issuer_tenant_and_subject() {
        let name = identity("https://id.example", "acme", "alice").principal();
        assert_eq!(name, "https://id.example|acme|alice");
        assert_eq!(identity("i", "a|b%\n\u{9f}", "é🦀").principal(), "i|a%7Cb%25%0A%9F|é🦀");
    }

    #[test]
    fn no_choice_of_characters_makes_two_principals_one() {
        let parts =
            ["", "a", "|", "%", "%7C", "a|", "|a", "%25", "%7", "7C", "\n", "%0A", "\\", "\""];
        let mut seen = BTreeSet::new();
        for issuer in parts {
            for tenant in parts {
                for subject in parts {
                    assert!(seen.insert(identity(issuer, tenant, subject).principal()));
                }
            }
        }
    }

    #[test]
    fn letters_that_look_alike_stay_apart() {
        // "é" in its two spellings, a Cyrillic "а", and case.
        let subjects = ["\u{e9}", "e\u{301}", "alice", "\u{430}lice", "Alice"];
        let names: BTreeSet<_> =
            subjects.iter().map(|subject| identity("i", "t", subject).principal()).collect();
        assert_eq!(names.len(), subjects.len());
    }

    #[test]
    fn scopes_are_compared_whole() {
        let identity = identity("i", "t", "s").with_scopes(["crm.read"]);
        assert!(identity.has_scopes(["crm.read"]));
        assert!(identity.has_scopes([]));
        for other in ["crm.rea", "crm.read.all", "CRM.READ", ""] {
            assert!(!identity.has_scopes([other]), "{other}");
        }
    }
}
