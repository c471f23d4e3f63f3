//! The facts: what is different between two surfaces, each with its subject and its places.
//!
//! A [`Change`] says nothing about how bad it is; the rules in `rule/breaking` do.

use serde_json::Value;

use super::{deprecation::Notice, rename::Rename, schema::Broken, text::TextChange};
use crate::engine::{
    finding::{Confidence, Subject, Witness},
    protocol::pointer::Pointer,
};

/// One difference.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// What it is about; by its new name where it has one.
    pub subject: Subject,
    /// Where it stands, or stood, in the old document.
    pub old: Option<Pointer>,
    /// Where it stands in the new document.
    pub new: Option<Pointer>,
    /// What is different.
    pub fact: Fact,
}

/// Which of a tool's schemas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Member {
    /// `inputSchema`: callers of the old one send, the new server accepts.
    Input,
    /// `outputSchema`: the new server sends, readers of the old one accept.
    Output,
}

impl Member {
    /// The name of the tool's member.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Input => "inputSchema",
            Self::Output => "outputSchema",
        }
    }
}

/// What is different.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// A tool is there that was not.
    ToolAdded,
    /// A tool is gone.
    ToolRemoved(Notice),
    /// A tool is gone, and one that is new is most likely it.
    ToolRenamed(Rename),
    /// A tool is gone, and another one takes its name, or what it did, as a choice.
    ToolMoved(Move),
    /// A name stands more than once in a list, so often.
    DuplicateName(usize),
    /// A schema that cannot be compared, and what stands in its place.
    Unparsable(Member, String),
    /// Something in a list that nothing identifies; in the reader's words.
    Unreadable(String),
    /// A tool has an output schema that had none.
    OutputSchemaAdded,
    /// A tool has lost its output schema.
    OutputSchemaRemoved,
    /// The acceptor refuses values of the producer.
    Broken(Box<Broken>),
    /// The acceptor refuses only members that nobody declares.
    ImplicitlyClosed(SchemaFact),
    /// Some undeclared name is refused now, by something else than a closed object.
    UndeclaredRefused(SchemaFact),
    /// What different branches of a union declare is refused together now.
    BranchesParted(SchemaFact),
    /// The producer's declared property is one that an open acceptor does not know.
    PropertyIgnored(String, Notice),
    /// The producer may send a property, optional before the acceptor knew it.
    PropertyAdded(Member, String),
    /// A field of an output that is not declared any more.
    PropertyDropped(String),
    /// Input: more is accepted than before. Output: more is promised than before.
    Eased(SchemaFact),
    /// The input schema does not say `type: object` any more.
    UntypedRoot,
    /// Nobody is broken; whether more is accepted, or promised, could not be decided.
    EaseUndecided(Member),
    /// Written differently, proved to mean the same.
    Refactored(Member),
    /// The producer's schema accepts nothing at all.
    EmptySchema(Member),
    /// Not decided, with the reason.
    Undecided(Member, String),
    /// Something that was set aside, or taken for granted, while comparing.
    Assumed(Member, String),
    /// The effective value of an annotation is another one.
    Hint(Hint),
    /// An annotation is written differently and means the same.
    HintRestated(&'static str),
    /// The `default` of a property.
    Default(Edit),
    /// `format`, `contentEncoding` or `contentMediaType` of a subschema.
    Format(Member, &'static str, Edit),
    /// `x-mcp-header` of a property.
    Header(Edit),
    /// `execution.taskSupport`, the default spelled out.
    TaskSupport(String, String),
    /// A text that a model reads.
    Text(Box<TextChange>),
    /// Something that only people see, by its name.
    Cosmetic(String),
    /// A member that the specification does not know.
    UnknownMember(String),
    /// Marked deprecated now, or with another sunset or replacement; in words.
    DeprecationAnnounced(String),
    /// The sunset that is written now is no date.
    SunsetUnreadable(String),
    /// The sunset is earlier than it was: old, new.
    SunsetMoved(String, String),
    /// A replacement is named that does not exist.
    ReplacementMissing(String),
    /// A list may be cached past the end of a deprecated tool: milliseconds, days.
    CacheOutlives(u64, i64),
    /// `ttlMs` or `cacheScope`.
    CacheHint(&'static str, Edit),
    /// A capability, or a flag inside one, is gone; whether a whole one.
    CapabilityLost(String, bool),
    /// A capability, or a flag inside one, is new.
    CapabilityGained(String),
    /// The negotiated or supported revisions: old, new.
    RevisionDropped(String, String),
    /// The items of a list that are in both stand in another order.
    ListOrder(&'static str),
    /// A prompt is new.
    PromptAdded,
    /// A prompt is gone.
    PromptRemoved,
    /// An argument of a prompt is new, or optional now.
    PromptArgumentAdded(String, bool),
    /// An argument of a prompt is gone.
    PromptArgumentRemoved(String),
    /// An argument of a prompt is required now.
    PromptArgumentRequired(String),
    /// A resource or template is new.
    ResourceAdded,
    /// A resource or template is gone.
    ResourceRemoved,
    /// `mimeType` of a resource or template.
    ResourceType(Edit),
}

/// A property or subschema by its label, with an example where there is one.
#[derive(Debug, Clone, PartialEq)]
pub struct SchemaFact {
    /// Which schema.
    pub member: Member,
    /// Where in it, `filter.tags[]`; empty for the root.
    pub label: String,
    /// What is different there: `maxLength 10 → 100`.
    pub summary: String,
    /// An instance that shows it.
    pub witness: Option<Witness>,
}

/// A value before and after; none where there was or is none.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Edit {
    /// The property or subschema it belongs to, `filter.status`; empty for the subject itself.
    pub label: String,
    /// Before.
    pub old: Option<Value>,
    /// After.
    pub new: Option<Value>,
}

/// The effective value of an annotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hint {
    /// `readOnlyHint` and so on.
    pub name: &'static str,
    /// After, with the specification's default where it is not given. Before it was the opposite.
    pub new: bool,
    /// Whether a host has to be more careful than before.
    pub is_less_safe: bool,
    /// Whether the new value is the default, because none is given.
    pub is_default: bool,
}

/// A tool that has become a choice of another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The tool that takes the choice.
    pub router: String,
    /// The argument that makes it.
    pub selector: String,
    /// The value that stands for the old tool, where it is listed.
    pub choice: Option<String>,
    /// How sure.
    pub confidence: Confidence,
}

impl Fact {
    /// What identifies the change besides its place: the old and new fragment, whatever their
    /// spelling and whatever a report says about them.
    pub fn fragment(&self) -> String {
        match self {
            Self::ToolRenamed(rename) => rename.to.clone(),
            Self::ToolMoved(moved) => moved.router.clone(),
            Self::Unparsable(_, found) | Self::Unreadable(found) => found.clone(),
            Self::Broken(broken) => broken.fragment(),
            Self::PropertyIgnored(label, _)
            | Self::PropertyAdded(_, label)
            | Self::PropertyDropped(label) => label.clone(),
            Self::Undecided(_, text) | Self::Assumed(_, text) => text.clone(),
            Self::Hint(hint) => format!("{} {}", hint.name, hint.new),
            Self::HintRestated(name) => (*name).to_owned(),
            Self::Default(edit)
            | Self::Format(_, _, edit)
            | Self::Header(edit)
            | Self::CacheHint(_, edit)
            | Self::ResourceType(edit) => edit.fragment(),
            Self::TaskSupport(old, new)
            | Self::SunsetMoved(old, new)
            | Self::RevisionDropped(old, new) => format!("{old}\n{new}"),
            Self::Text(text) => text.fragment(),
            Self::Cosmetic(name)
            | Self::UnknownMember(name)
            | Self::DeprecationAnnounced(name)
            | Self::SunsetUnreadable(name)
            | Self::ReplacementMissing(name)
            | Self::CapabilityLost(name, _)
            | Self::CapabilityGained(name)
            | Self::PromptArgumentAdded(name, _)
            | Self::PromptArgumentRemoved(name)
            | Self::PromptArgumentRequired(name) => name.clone(),
            Self::ListOrder(list) => (*list).to_owned(),
            Self::EaseUndecided(member) => member.as_str().to_owned(),
            Self::ImplicitlyClosed(fact)
            | Self::UndeclaredRefused(fact)
            | Self::BranchesParted(fact)
            | Self::Eased(fact) => {
                format!("{}\n{}", fact.label, fact.summary)
            }
            Self::ToolAdded
            | Self::ToolRemoved(_)
            | Self::DuplicateName(_)
            | Self::OutputSchemaAdded
            | Self::OutputSchemaRemoved
            | Self::Refactored(_)
            | Self::UntypedRoot
            | Self::EmptySchema(_)
            | Self::CacheOutlives(..)
            | Self::PromptAdded
            | Self::PromptRemoved
            | Self::ResourceAdded
            | Self::ResourceRemoved => String::new(),
        }
    }
}

impl Edit {
    fn fragment(&self) -> String {
        let text = |value: &Option<Value>| value.as_ref().map(Value::to_string).unwrap_or_default();
        format!("{}\n{}\n{}", self.label, text(&self.old), text(&self.new))
    }
}
