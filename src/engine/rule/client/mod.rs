//! What clients and model providers take: one dated table.
//!
//! Nothing of this is in the specification, and all of it changes; so a row says where it was read
//! and when, rules take their figures from the rows, and `mcp-kit lint --targets` prints them. Read
//! [`Client`] and [`LIMITS`] first. Not for: judging (the rules under `lint/compat` do).

mod limits;

use std::{fmt, str::FromStr};

pub use limits::LIMITS;

/// Who limits what a server may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Client {
    /// The Messages API of Anthropic.
    Anthropic,
    /// Claude Code, on top of that API.
    ClaudeCode,
    /// Function calling at OpenAI.
    OpenAi,
    /// The same with `strict: true`.
    OpenAiStrict,
    /// Function calling at Google.
    Gemini,
    /// Copilot in Visual Studio Code.
    VsCode,
    /// Cursor.
    Cursor,
    /// Windsurf.
    Windsurf,
}

impl Client {
    /// Every client of the table.
    pub const ALL: [Self; 8] = [
        Self::Anthropic,
        Self::ClaudeCode,
        Self::OpenAi,
        Self::OpenAiStrict,
        Self::Gemini,
        Self::VsCode,
        Self::Cursor,
        Self::Windsurf,
    ];

    /// The name on the command line and in `mcp-kit.toml`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Anthropic => "anthropic",
            Self::ClaudeCode => "claude-code",
            Self::OpenAi => "openai",
            Self::OpenAiStrict => "openai-strict",
            Self::Gemini => "gemini",
            Self::VsCode => "vscode",
            Self::Cursor => "cursor",
            Self::Windsurf => "windsurf",
        }
    }

    /// The client whose limits hold for this one as well.
    pub fn on_top_of(self) -> Option<Self> {
        match self {
            Self::ClaudeCode => Some(Self::Anthropic),
            Self::OpenAiStrict => Some(Self::OpenAi),
            _ => None,
        }
    }

    /// Its limits, those of the client below it included.
    pub fn limits(self) -> impl Iterator<Item = &'static Limit> {
        let is_its =
            move |limit: &&Limit| limit.client == self || self.on_top_of() == Some(limit.client);
        LIMITS.iter().filter(is_its)
    }

    /// The rules that hold a server to its limits.
    pub fn rules(self) -> impl Iterator<Item = &'static str> {
        self.limits().filter_map(|limit| limit.rule)
    }

    /// How much of something it takes; no end of it where the table says nothing.
    pub fn most(self, what: What) -> usize {
        match self.value(what) {
            Some(Value::Most(most)) => most,
            _ => usize::MAX,
        }
    }

    /// The keywords of a schema that it refuses; none where the table says nothing.
    pub fn refused(self, what: What) -> &'static [&'static str] {
        match self.value(what) {
            Some(Value::Refused(keywords)) => keywords,
            _ => &[],
        }
    }

    /// Whether it takes such a name.
    pub fn takes(self, what: What, name: &str) -> bool {
        self.value(what).is_none_or(|value| value.takes(name))
    }

    fn value(self, what: What) -> Option<Value> {
        let row = LIMITS.iter().find(|limit| limit.client == self && limit.what == what);
        row.map(|limit| limit.value)
    }
}

impl fmt::Display for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Client {
    type Err = UnknownClient;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|client| client.as_str() == name);
        found.ok_or_else(|| UnknownClient(name.to_owned()))
    }
}

/// A name that is no client of the table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no client `{0}` in the table of limits")]
pub struct UnknownClient(pub String);

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// Whose limit it is.
    pub client: Client,
    /// What is limited.
    pub what: What,
    /// To what.
    pub value: Value,
    /// What happens beyond it.
    pub beyond: &'static str,
    /// The rule that reports it; none where a surface does not show it.
    pub rule: Option<&'static str>,
    /// Where it was read.
    pub source: &'static str,
    /// When it was read there, or the state that the source speaks of.
    pub date: &'static str,
}

/// What a client limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum What {
    /// The name of a tool.
    ToolName,
    /// The characters of a server's and a tool's name together.
    PrefixedName,
    /// The name of an argument at the root.
    PropertyName,
    /// Characters of a description or of the instructions.
    Description,
    /// Tools in one request.
    Tools,
    /// Tokens of the definitions of all tools in one request.
    DefinitionTokens,
    /// Keywords at the root of an input schema.
    RootKeywords,
    /// Keywords anywhere in an input schema.
    Keywords,
    /// What every array has to say.
    Arrays,
    /// What every object has to say.
    Objects,
    /// Properties in one schema.
    Properties,
    /// Levels of objects and arrays.
    Depth,
    /// Values of all enumerations together.
    EnumValues,
    /// Characters of all property names and enum values together.
    NameCharacters,
    /// Tokens of one answer.
    AnswerTokens,
}

impl What {
    /// As it stands in the printed table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ToolName => "name of a tool",
            Self::PrefixedName => "server and tool name together",
            Self::PropertyName => "name of an argument",
            Self::Description => "description, instructions",
            Self::Tools => "tools in a request",
            Self::DefinitionTokens => "tokens of all tools",
            Self::RootKeywords => "keywords at the root",
            Self::Keywords => "keywords",
            Self::Arrays => "arrays",
            Self::Objects => "objects",
            Self::Properties => "properties of a schema",
            Self::Depth => "levels of a schema",
            Self::EnumValues => "enum values of a schema",
            Self::NameCharacters => "characters of names and enum values",
            Self::AnswerTokens => "tokens of an answer",
        }
    }
}

/// What something is limited to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// So many and no more.
    Most(usize),
    /// Anything but these.
    Refused(&'static [&'static str]),
    /// A name of letters and digits of ASCII and these marks.
    Name {
        /// The marks; a hyphen comes last.
        marks: &'static str,
        /// The most characters.
        most: usize,
        /// Whether it has to begin with a letter or an underscore.
        begins_with_letter: bool,
    },
    /// What has this form.
    Form(&'static str),
}

impl Value {
    /// Whether a name is within the limit; true for limits of something else.
    pub fn takes(self, name: &str) -> bool {
        let Self::Name { marks, most, begins_with_letter } = self else { return true };
        let is_allowed =
            |byte: u8| byte.is_ascii_alphanumeric() || marks.as_bytes().contains(&byte);
        let begins_well =
            name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
        (1..=most).contains(&name.len())
            && name.bytes().all(is_allowed)
            && (begins_well || !begins_with_letter)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Most(most) => write!(formatter, "at most {most}"),
            Self::Refused(keywords) => write!(formatter, "no {}", keywords.join(", ")),
            Self::Name { marks, most, begins_with_letter: false } => {
                write!(formatter, "[a-zA-Z0-9{marks}]{{1,{most}}}")
            }
            Self::Name { marks, most, begins_with_letter: true } => {
                write!(formatter, "[a-zA-Z_][a-zA-Z0-9{marks}]{{0,{}}}", most - 1)
            }
            Self::Form(form) => formatter.write_str(form),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{Client, LIMITS};
    use crate::engine::rule::{self, Profile};

    #[test]
    fn every_rule_of_the_table_exists() {
        for limit in LIMITS {
            let rule = limit.rule.map(|id| (id, rule::lint::find(id)));
            assert!(!matches!(rule, Some((_, None))), "{rule:?}");
            assert!(!limit.source.is_empty() && limit.date.starts_with("202"), "{limit:?}");
        }
    }

    /// A rule that no profile has and no client switches on would never run.
    #[test]
    fn every_rule_for_targets_belongs_to_one() {
        let switched_on: HashSet<&str> = Client::ALL.into_iter().flat_map(Client::rules).collect();
        for rule in rule::all().filter(|rule| rule.profile == Profile::Target) {
            assert!(switched_on.contains(rule.id), "{}", rule.id);
        }
    }

    #[test]
    fn a_client_is_found_by_its_name() {
        for client in Client::ALL {
            assert_eq!(client.as_str().parse(), Ok(client));
        }
        assert!("notepad".parse::<Client>().is_err());
    }
}
