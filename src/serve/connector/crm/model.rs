//! What a customer is, in the store and in an answer.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::super::runtime::policy::{Attribute, Resource};

/// Where a customer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Not a customer yet.
    Lead,
    /// Buys.
    Active,
    /// Has not bought for a year.
    Dormant,
    /// Has left.
    Closed,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Lead, Self::Active, Self::Dormant, Self::Closed];

    /// As it is stored and written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Active => "active",
            Self::Dormant => "dormant",
            Self::Closed => "closed",
        }
    }

    /// The status of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

/// What has happened with a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Somebody wrote something down.
    Note,
    /// The record was changed.
    Change,
    /// People met.
    Meeting,
    /// People talked on the telephone.
    Call,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Note, Self::Change, Self::Meeting, Self::Call];

    /// As it is stored and written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Change => "change",
            Self::Meeting => "meeting",
            Self::Call => "call",
        }
    }

    /// The kind of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A customer with everything that is known, as it is stored. Never serialized: an answer is made of
/// it field by field.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns of the table, explained there")]
pub struct Record {
    pub tenant: String,
    pub id: String,
    pub display_name: String,
    pub sort_key: String,
    pub company: Option<String>,
    pub town: String,
    pub status: Status,
    pub owner: String,
    pub email: String,
    pub phone: String,
    pub tax_id: Option<String>,
    pub credit_limit_cents: i64,
    pub sensitivity: i64,
    pub version: i64,
    pub created_at: i64,
    pub updated_at: i64,
    pub archived_at: Option<i64>,
    pub merged_into: Option<String>,
}

impl Record {
    /// The record as the policy sees it.
    pub fn resource(&self) -> Resource {
        Self::resource_of(&self.tenant, &self.id, &self.owner, self.sensitivity)
    }

    /// A record of which only this is known, as the policy sees it.
    pub fn resource_of(tenant: &str, id: &str, owner: &str, sensitivity: i64) -> Resource {
        Resource {
            kind: "Customer",
            id: id.to_owned(),
            tenant: tenant.to_owned(),
            attributes: vec![
                ("owner", Attribute::Text(owner.to_owned())),
                ("sensitivity", Attribute::Integer(sensitivity)),
            ],
        }
    }
}

/// A field that not everybody who sees the record may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guarded {
    /// `email`
    Email,
    /// `phone`
    Phone,
    /// `tax_id`
    TaxId,
    /// `credit_limit`
    CreditLimit,
}

impl Guarded {
    /// Every such field.
    pub const ALL: [Self; 4] = [Self::Email, Self::Phone, Self::TaxId, Self::CreditLimit];

    /// The name of the field in an answer.
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::TaxId => "tax_id",
            Self::CreditLimit => "credit_limit",
        }
    }

    /// The clearance that it takes.
    pub fn sensitivity(self) -> i64 {
        match self {
            Self::Email | Self::Phone => 1,
            Self::TaxId => 2,
            Self::CreditLimit => 3,
        }
    }
}

/// A text as it is compared: without case, without marks on letters, Latin letters of whichever
/// alphabet as those from a to z, and without what stands between words.
pub fn folded(text: &str) -> String {
    use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

    let plain: String = text
        .nfkd()
        .filter(|character| !is_combining_mark(*character))
        // By way of the capitals, which makes one of letters that have two small forms, like σ and ς.
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .flat_map(basic)
        .map(|character| if character.is_alphanumeric() { character } else { ' ' })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What is typed for a letter where keyboards lack it: `l` for ł, `ss` for ß, `i` for ı. Latin letters
/// only: those of other scripts would be found by words that nobody means.
fn basic(character: char) -> impl Iterator<Item = char> {
    let is_latin = character.is_alphabetic()
        && matches!(character,
            '\u{80}'..='\u{24f}' | '\u{250}'..='\u{2af}' | '\u{1e00}'..='\u{1eff}'
            | '\u{2c60}'..='\u{2c7f}' | '\u{a720}'..='\u{a7ff}' | '\u{ab30}'..='\u{ab6f}');
    let letters = if is_latin { any_ascii::any_ascii_char(character) } else { "" };
    let own = letters.is_empty().then_some(character);
    own.into_iter().chain(letters.chars().flat_map(char::to_lowercase))
}

/// The most bytes of a folded name that decide about its place in a list.
const SORTED_BYTES: usize = 96;

/// What lists are ordered by: the bytes of the folded name in hexadecimal.
pub fn sort_key(name: &str) -> String {
    folded(name).bytes().take(SORTED_BYTES).map(|byte| format!("{byte:02x}")).collect()
}

/// What is searched: the texts folded, and as they are in lower case for what folding leaves nothing
/// of, such as an emoji.
pub fn search_text(texts: &[&str]) -> String {
    let folded: Vec<String> = texts.iter().map(|text| folded(text)).collect();
    let lower: Vec<String> = texts.iter().map(|text| text.to_lowercase()).collect();
    format!("{}\n{}", folded.join("\n"), lower.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::{folded, sort_key};

    #[test]
    fn the_order_is_that_of_the_folded_names() {
        assert!(sort_key("Ærø") < sort_key("Zoe"));
        assert!(sort_key("李") > sort_key("Zoe"));
        assert!(sort_key("anna") < sort_key("Anna B"));
        assert_eq!(sort_key("É"), sort_key("e"));
        assert!(sort_key(&"x".repeat(10_000)).len() <= 192);
    }

    #[test]
    fn names_are_found_however_they_are_typed() {
        assert_eq!(folded("  Renée O’Connor-Ångström "), "renee o connor angstrom");
        assert_eq!(folded("RENÉE O'CONNOR ANGSTROM"), "renee o connor angstrom");
        assert_eq!(folded("ﬁne №5"), "fine no5");
        assert_eq!(folded("🦊"), "");
    }

    #[test]
    fn letters_are_found_by_those_that_are_typed_for_them() {
        for (name, typed) in [
            ("Yılmaz", "yilmaz"),
            ("İrem", "irem"),
            ("IRMAK", "irmak"),
            ("Weiß", "weiss"),
            ("GROẞ", "gross"),
            ("Łukasz", "lukasz"),
            ("Søren Færge", "soren faerge"),
            ("Đorđe", "dorde"),
            ("Þór Sigurðsson", "thor sigurdsson"),
            ("Œuvre", "oeuvre"),
            ("Ħamrun Ŧ", "hamrun t"),
            ("Əliyev", "eliyev"),
            ("Σοφός ΣΟΦΟΣ", "σοφοσ σοφοσ"),
            ("Ёлкина", "елкина"),
            ("李小龙", "李小龙"),
            ("نور", "نور"),
        ] {
            assert_eq!(folded(name), typed, "{name}");
            assert_eq!(folded(&name.to_uppercase()), typed, "{name}");
            assert_eq!(folded(&name.to_lowercase()), typed, "{name}");
            assert_eq!(folded(typed), typed, "{name}");
        }
    }
}
