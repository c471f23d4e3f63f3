//! The things a server lists: tools, and the simpler kinds.

use std::{
    collections::HashSet,
    iter::Sum,
    ops::Add,
    sync::{Arc, OnceLock},
};

use serde_json::Value;

use super::token;
use crate::engine::protocol::{
    canonical::{Layout, write},
    json::{Anchor, Document, View},
    pointer::Pointer,
};

/// One tool: the members that the specification names, and the whole of it as a value. The value is
/// built when it is first asked for: of two long lists, most tools are known to be the same by their
/// text.
#[derive(Debug, Clone)]
pub struct Tool {
    /// Where it stands in the document of the surface.
    pub pointer: Pointer,
    /// `name`.
    pub name: String,
    /// `title`.
    pub title: Option<String>,
    /// `description`.
    pub description: Option<String>,
    /// `annotations`, as far as they have the right types.
    pub annotations: Annotations,
    document: Arc<Document>,
    anchor: Anchor,
    value: OnceLock<Arc<Value>>,
    /// A set, because a hostile schema can require as many names as it likes.
    required: OnceLock<Arc<HashSet<String>>>,
    tokens: OnceLock<Tokens>,
}

/// `ToolAnnotations` of the specification: what was said, not the defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Annotations {
    /// `title`
    pub title: Option<String>,
    /// `readOnlyHint`; the specification's default is false.
    pub read_only: Option<bool>,
    /// `destructiveHint`; the specification's default is true.
    pub destructive: Option<bool>,
    /// `idempotentHint`; the specification's default is false.
    pub idempotent: Option<bool>,
    /// `openWorldHint`; the specification's default is true.
    pub open_world: Option<bool>,
}

/// A prompt, a resource or a resource template.
#[derive(Debug, Clone)]
pub struct Item {
    /// Where it stands in the document of the surface.
    pub pointer: Pointer,
    /// `name`.
    pub name: String,
    /// Every member.
    pub value: Value,
}

/// Something with a name in a list.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) pointer: Pointer,
    pub(super) name: String,
    pub(super) anchor: Anchor,
}

impl Item {
    pub(super) fn new(found: Found, document: &Document) -> Self {
        let Found { pointer, name, anchor } = found;
        Self { pointer, name, value: document.view(anchor).to_value() }
    }
}

/// What a definition costs, in o200k_base tokens of its compact JSON. Other model families use
/// other vocabularies; treat it as ±20 %.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tokens {
    /// `name`, `description` and `inputSchema`: what clients put before a model.
    pub model: usize,
    /// Every member: what a client receives.
    pub wire: usize,
}

impl Add for Tokens {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { model: self.model + other.model, wire: self.wire + other.wire }
    }
}

impl Sum for Tokens {
    fn sum<I: Iterator<Item = Self>>(iterator: I) -> Self {
        iterator.fold(Self::default(), Add::add)
    }
}

impl Tool {
    pub(super) fn new(found: Found, document: &Arc<Document>) -> Self {
        let Found { pointer, name, anchor } = found;
        let view = document.view(anchor);
        let text = |member: &str| Some(view.get(member)?.as_str()?.into_owned());
        Self {
            title: text("title"),
            description: text("description"),
            annotations: Annotations::read(view.get("annotations")),
            pointer,
            name,
            document: Arc::clone(document),
            anchor,
            value: OnceLock::new(),
            required: OnceLock::new(),
            tokens: OnceLock::new(),
        }
    }

    /// Every member, unknown ones included. Where a key stands twice, the last one.
    pub fn value(&self) -> &Value {
        self.value.get_or_init(|| Arc::new(self.view().to_value()))
    }

    /// Takes over what was worked out about the same tool in another document.
    pub(super) fn recall(&mut self, other: &Self) {
        if self.view().text() == other.view().text() {
            self.value = other.value.clone();
            self.required = other.required.clone();
            self.tokens = other.tokens.clone();
        }
    }

    /// The tool in its document.
    pub fn view(&self) -> View<'_> {
        self.document.view(self.anchor)
    }

    /// Whether every member has the same value in another tool; the order of the members is none.
    pub fn is_same(&self, other: &Self) -> bool {
        self.view().text() == other.view().text() || self.value() == other.value()
    }

    /// `inputSchema`, whatever it is.
    pub fn input_schema(&self) -> Option<&Value> {
        self.value().get("inputSchema")
    }

    /// `outputSchema`, whatever it is.
    pub fn output_schema(&self) -> Option<&Value> {
        self.value().get("outputSchema")
    }

    /// The schemas the tool declares, input before output, each with its place in the document;
    /// the last step of the place is the member's name. Only those that are objects.
    pub fn schemas(&self) -> impl Iterator<Item = (Pointer, &Value)> {
        ["inputSchema", "outputSchema"].into_iter().filter_map(|member| {
            let schema = self.value().get(member).filter(|schema| schema.is_object())?;
            Some((self.pointer.join(member), schema))
        })
    }

    /// The properties of the input schema's root with their schemas; nothing where there are none.
    pub fn arguments(&self) -> impl Iterator<Item = (&String, &Value)> {
        let properties = self.input_schema().and_then(|schema| schema.get("properties"));
        properties.and_then(Value::as_object).into_iter().flatten()
    }

    /// Whether the input schema's root lists an argument under `required`.
    pub fn requires(&self, argument: &str) -> bool {
        let required = self.required.get_or_init(|| {
            let names = self.input_schema().and_then(|schema| schema.get("required")?.as_array());
            let names = names.into_iter().flatten().filter_map(Value::as_str);
            Arc::new(names.map(str::to_owned).collect())
        });
        required.contains(argument)
    }

    /// The pointer to a root property of the input schema.
    pub fn argument_pointer(&self, argument: &str) -> Pointer {
        self.pointer.join("inputSchema").join("properties").join(argument)
    }

    /// What the definition costs. Counted once.
    pub fn tokens(&self) -> Tokens {
        *self.tokens.get_or_init(|| {
            let view = self.view();
            let wire = write(view, Layout::SourceOrder);
            let schema = view.get("inputSchema").map(|schema| write(schema, Layout::SourceOrder));
            let shared = schema.as_deref().unwrap_or_default();
            let [model, wire] = token::count_sharing([&model_visible(view), &wire], shared);
            Tokens { model, wire }
        })
    }
}

/// The tool as a model sees it: the three members in the order in which clients render them.
fn model_visible(tool: View<'_>) -> String {
    let members: Vec<String> = ["name", "description", "inputSchema"]
        .iter()
        .filter_map(|name| Some((name, tool.get(name)?)))
        .map(|(name, value)| format!("\"{name}\":{}", write(value, Layout::SourceOrder)))
        .collect();
    format!("{{{}}}", members.join(","))
}

impl Annotations {
    fn read(view: Option<View<'_>>) -> Self {
        let hint = |name: &str| view?.get(name)?.as_bool();
        Self {
            title: view.and_then(|view| Some(view.get("title")?.as_str()?.into_owned())),
            read_only: hint("readOnlyHint"),
            destructive: hint("destructiveHint"),
            idempotent: hint("idempotentHint"),
            open_world: hint("openWorldHint"),
        }
    }
}
