//! New values of fields as a caller writes them: a list of fields and texts, which takes a fifth of
//! what nine typed arguments would take of a model's attention. What each field takes is checked here.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::{
    super::super::runtime::guidance::Failure,
    change::{Create, Set},
    model::Status,
};

// A field and its new value. What is documented with three strokes here, a model reads.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Assignment {
    /// Which field
    field: Field,
    /// A status is lead, active, dormant or closed
    #[schemars(length(max = 254))]
    value: String,
}

/// A field of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Field {
    DisplayName,
    Company,
    Town,
    Status,
    Owner,
    Email,
    Phone,
    TaxId,
    CreditLimitCents,
}

/// What they may owe at most, in cents.
const MOST_CENTS: i64 = 100_000_000_000;

impl Field {
    fn name(self) -> &'static str {
        match self {
            Self::DisplayName => "display_name",
            Self::Company => "company",
            Self::Town => "town",
            Self::Status => "status",
            Self::Owner => "owner",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::TaxId => "tax_id",
            Self::CreditLimitCents => "credit_limit_cents",
        }
    }

    /// The most characters.
    fn most(self) -> usize {
        match self {
            Self::DisplayName | Self::Company => 200,
            Self::Town => 100,
            Self::Owner => 64,
            Self::Email => 254,
            Self::Phone | Self::TaxId => 40,
            Self::Status | Self::CreditLimitCents => 20,
        }
    }

    fn may_be_empty(self) -> bool {
        matches!(self, Self::Company | Self::TaxId)
    }
}

/// Whether a character ends a line or turns what comes after it around, so that others read something
/// else than was written (Unicode Bidirectional Algorithm, UAX #9, table of explicit characters). The
/// marks for one direction stay: names of mixed scripts need them.
fn turns_text(character: char) -> bool {
    let breaks = matches!(character, '\u{2028}' | '\u{2029}');
    let turns = matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    character.is_control() || breaks || turns
}

/// The values of a list, each field once and each as it must be.
pub(super) fn read(list: Vec<Assignment>) -> Result<Set, Failure> {
    let mut set = Set::default();
    let mut seen = Vec::new();
    for (index, Assignment { field, value }) in list.into_iter().enumerate() {
        let (name, pointer) = (field.name(), format!("/set/{index}/value"));
        let wrong = |expected: &str| {
            let message = format!("{name} must be {expected}");
            let hint = format!("make {name} {expected} and call again with the same key");
            Err(Failure::invalid_argument(pointer.clone(), message, hint))
        };
        if seen.contains(&field) {
            let message = format!("{name} stands twice");
            return Err(Failure::invalid_argument(pointer, message, "give each field once"));
        }
        seen.push(field);
        let value = value.trim().to_owned();
        if value.is_empty() && !field.may_be_empty() {
            return wrong("a text that is not empty");
        }
        if value.chars().count() > field.most() {
            return wrong(&format!("{} characters at most", field.most()));
        }
        if value.chars().any(turns_text) {
            return wrong("one line, without control characters");
        }
        match field {
            Field::DisplayName => set.display_name = Some(value),
            Field::Company => set.company = Some(value),
            Field::Town => set.town = Some(value),
            Field::Owner => set.owner = Some(value),
            Field::Phone => set.phone = Some(value),
            Field::TaxId => set.tax_id = Some(value),
            Field::Email => {
                let is_one = value.split_once('@').is_some_and(|(user, host)| {
                    !user.is_empty() && host.contains('.') && !value.contains(char::is_whitespace)
                });
                if !is_one {
                    return wrong("an e-mail address");
                }
                set.email = Some(value);
            }
            Field::Status => match Status::named(&value) {
                None => return wrong("lead, active, dormant or closed"),
                status => set.status = status,
            },
            Field::CreditLimitCents => match value.parse() {
                Ok(cents) if (0..=MOST_CENTS).contains(&cents) => {
                    set.credit_limit_cents = Some(cents);
                }
                _ => return wrong("a whole number of cents, from 0 to 100000000000"),
            },
        }
    }
    Ok(set)
}

/// A new customer, if the fields are there that every customer has.
pub(super) fn created(set: Set) -> Result<Create, Failure> {
    let needed = |name: &str, value: Option<String>| {
        value.ok_or_else(|| {
            let message = format!("a new customer needs {name}");
            let hint = format!("add {name} to `set` and call again with the same key");
            Failure::invalid_argument("/set", message, hint)
        })
    };
    let some = |value: Option<String>| value.filter(|value| !value.is_empty());
    Ok(Create {
        display_name: needed("display_name", set.display_name)?,
        company: some(set.company),
        town: needed("town", set.town)?,
        status: set.status,
        owner: set.owner,
        email: needed("email", set.email)?,
        phone: needed("phone", set.phone)?,
        tax_id: some(set.tax_id),
        credit_limit_cents: set.credit_limit_cents,
    })
}
