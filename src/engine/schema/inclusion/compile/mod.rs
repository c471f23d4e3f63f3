//! From the text of a schema to nodes.
//!
//! A keyword that the dialect does not know is ignored, as the drafts have it. What cannot be
//! compiled faithfully becomes an opaque node, so that nothing is ever proved with it.

mod array;
mod object;
mod reference;
mod unevaluated;

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value};

use super::{
    document::{Document, Fault},
    ecma,
    instance::{Instance, Kind, Kinds},
    node::{Arena, FALSE, Id, KeySet, Node, Opaque, Strictness, TRUE},
    rational::{self, Rational},
};
use crate::engine::schema::{Dialect, keyword, reference::Target};

/// Deepest nesting of schemas, references followed.
const MAX_DEPTH: usize = 128;

/// A compiled document.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) root: Id,
    /// What each schema object consists of, by [`address`].
    pub(super) parts: HashMap<usize, Vec<Part>>,
    /// The references to other documents.
    pub(super) remote: BTreeSet<String>,
    /// Whether a reference leads out of the document or nowhere.
    pub(super) has_unresolved: bool,
    /// Whether a reference leads back to itself without going into the instance.
    pub(super) has_empty_cycle: bool,
    /// Whether schemas are nested deeper than is looked into. A validator would follow them.
    pub(super) is_too_deep: bool,
}

/// One constraint of a schema object.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) keyword: &'static str,
    /// The name or index under the keyword.
    pub(super) member: Option<String>,
    pub(super) node: Id,
    /// The schema inside, and how it is applied.
    pub(super) inner: Option<(Applied, Inner)>,
}

/// A schema inside another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inner {
    Boolean(bool),
    /// The [`address`] of the object.
    Object(usize),
}

impl Inner {
    pub(super) fn of(schema: &Value) -> Self {
        match schema {
            Value::Bool(value) => Self::Boolean(*value),
            other => Self::Object(address(other)),
        }
    }
}

/// How a schema inside another is applied to every instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Applied {
    /// To the instance itself.
    InPlace,
    Property(String),
    PatternProperty(String),
    Additional(KeySet),
    PropertyNames,
    Item(usize),
    ItemsFrom(usize),
}

/// Identifies a schema by where it lies in memory: its place in its document, for as long as the
/// document lives.
pub(super) fn address(schema: &Value) -> usize {
    std::ptr::from_ref(schema).addr()
}

/// Compiles a schema. `document` keeps what is particular to it apart from other documents.
pub(super) fn compile(
    arena: &mut Arena,
    text: &Document<'_>,
    document: &'static str,
    assert_formats: bool,
) -> Compiled {
    let first_reference = arena.reference_count();
    let (root, dialect, faults) = (text.value(), text.dialect, &text.faults);
    let mut compiler = Compiler {
        arena,
        root,
        dialect,
        faults,
        document,
        assert_formats,
        has_nested_ids: reference::has_nested_ids(root, dialect),
        done: HashMap::new(),
        open: HashMap::new(),
        parts: HashMap::new(),
        remote: BTreeSet::new(),
        has_unresolved: false,
        is_too_deep: false,
        targets: HashMap::new(),
        case_steps: 0,
    };
    let id = compiler.schema(root);
    let Compiler { arena, parts, remote, has_unresolved, is_too_deep, .. } = compiler;
    let has_empty_cycle = arena.cut_empty_cycles(first_reference, document);
    Compiled { root: id, parts, remote, has_unresolved, has_empty_cycle, is_too_deep }
}

struct Compiler<'a, 'r> {
    arena: &'r mut Arena,
    root: &'a Value,
    dialect: Dialect,
    faults: &'r HashMap<usize, Vec<Fault>>,
    document: &'static str,
    assert_formats: bool,
    has_nested_ids: bool,
    done: HashMap<usize, Id>,
    /// The schemas being compiled, each with the reference that stands for it if one was needed.
    open: HashMap<usize, Option<u32>>,
    parts: HashMap<usize, Vec<Part>>,
    remote: BTreeSet<String>,
    has_unresolved: bool,
    is_too_deep: bool,
    targets: HashMap<&'a str, Target<'a>>,
    /// How much was spent on the cases of `unevaluated…`.
    case_steps: usize,
}

impl<'a> Compiler<'a, '_> {
    fn schema(&mut self, schema: &'a Value) -> Id {
        if let Some([Fault { keyword: None, text }]) =
            self.faults.get(&address(schema)).map(Vec::as_slice)
        {
            return self.fault("a schema that is none", text);
        }
        let members = match schema {
            Value::Bool(true) => return TRUE,
            Value::Bool(false) => return FALSE,
            Value::Object(members) => members,
            // Whatever else stands here was taken out before; see `document`.
            _ => return self.opaque("a schema that is none"),
        };
        let address = address(schema);
        if let Some(id) = self.done.get(&address) {
            return *id;
        }
        if let Some(reference) = self.open.get_mut(&address) {
            let reference = *reference.get_or_insert_with(|| self.arena.forward());
            return self.arena.add(Node::Reference(reference));
        }
        if self.open.len() >= MAX_DEPTH {
            self.is_too_deep = true;
            return self.opaque(&format!("schemas nested deeper than {MAX_DEPTH}"));
        }
        self.open.insert(address, None);
        let parts = self.object(schema, members);
        let id = self.arena.all(parts.iter().map(|part| part.node).collect::<Vec<_>>());
        if let Some(Some(reference)) = self.open.remove(&address) {
            self.arena.set_target(reference, id);
        }
        self.done.insert(address, id);
        self.parts.insert(address, parts);
        id
    }

    /// Something that means what it means only in this document.
    fn opaque(&mut self, reason: &str) -> Id {
        let key = format!("{reason} in the {}", self.document);
        self.arena.add(Node::Opaque(Opaque { key, reason: reason.to_owned() }))
    }

    /// Something that is not valid: it means the same as the same text on the other side.
    fn fault(&mut self, reason: &str, text: &str) -> Id {
        let key = format!("invalid {reason} {text}");
        self.arena.add(Node::Opaque(Opaque { key, reason: reason.to_owned() }))
    }

    fn object(&mut self, schema: &'a Value, members: &'a Map<String, Value>) -> Vec<Part> {
        let mut parts = Vec::new();
        if let Some(reason) = self.foreign_base(schema) {
            parts.push(Part {
                keyword: "$id",
                member: None,
                node: self.opaque(reason),
                inner: None,
            });
            return parts;
        }
        let faults = self.faults;
        for Fault { keyword, text } in faults.get(&address(schema)).into_iter().flatten() {
            let Some(keyword) = *keyword else { continue };
            let node = self.fault(&format!("`{keyword}` with a value that is not valid"), text);
            parts.push(plain(keyword, node));
        }
        let references = self.references(members);
        let is_alone = !references.is_empty() && self.dialect <= Dialect::Draft7;
        parts.extend(references);
        if is_alone {
            return parts;
        }
        self.values(members, &mut parts);
        self.numbers(members, &mut parts);
        self.strings(members, &mut parts);
        self.arrays(members, &mut parts);
        self.objects(members, &mut parts);
        self.compositions(members, &mut parts);
        self.unevaluated(schema, members, &mut parts);
        parts
    }

    /// The value of a keyword, if the dialect knows it.
    fn get(&self, members: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
        let value = members.get(name)?;
        keyword::find(name, self.dialect).map(|_| value)
    }

    fn values(&mut self, members: &'a Map<String, Value>, parts: &mut Vec<Part>) {
        if let Some(types) = self.get(members, "type") {
            let names = match types {
                Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
                other => other.as_str().into_iter().collect::<Vec<_>>(),
            };
            let node = self.types(&names);
            parts.push(plain("type", node));
        }
        if let Some(Value::Array(members)) = self.get(members, "enum") {
            let node = self.enumeration(members);
            parts.push(plain("enum", node));
        }
        if let Some(value) = self.get(members, "const") {
            let node = self.enumeration(std::slice::from_ref(value));
            parts.push(plain("const", node));
        }
    }

    fn types(&mut self, names: &[&str]) -> Id {
        let mut kinds = Kinds::default();
        for name in names {
            kinds = kinds.with(match *name {
                "null" => Kind::Null,
                "boolean" => Kind::Boolean,
                "string" => Kind::String,
                "array" => Kind::Array,
                "object" => Kind::Object,
                _ => Kind::Number,
            });
        }
        let node = if kinds == Kinds::ALL { TRUE } else { self.arena.add(Node::Kinds(kinds)) };
        if names.contains(&"integer") && !names.contains(&"number") {
            let whole = self.arena.add(Node::MultipleOf(rational::one()));
            return self.arena.all([node, whole]);
        }
        node
    }

    fn enumeration(&mut self, members: &[Value]) -> Id {
        match members.iter().map(Instance::from_json).collect::<Option<BTreeSet<_>>>() {
            Some(members) => self.arena.enumeration(members),
            None => self.opaque("a number of more than 128 bits"),
        }
    }

    fn numbers(&mut self, members: &'a Map<String, Value>, parts: &mut Vec<Part>) {
        type Bound = fn(Rational, Strictness) -> Node;
        let bounds: [(_, _, Bound); 2] = [
            ("minimum", "exclusiveMinimum", Node::Minimum),
            ("maximum", "exclusiveMaximum", Node::Maximum),
        ];
        for (inclusive, exclusive, bound) in bounds {
            let flag = self.get(members, exclusive).and_then(Value::as_bool).unwrap_or(false);
            let strictness = if flag { Strictness::Exclusive } else { Strictness::Inclusive };
            self.number(members, inclusive, |number| bound(number, strictness), parts);
            if self.dialect > Dialect::Draft4 {
                self.number(members, exclusive, |it| bound(it, Strictness::Exclusive), parts);
            }
        }
        self.number(members, "multipleOf", Node::MultipleOf, parts);
    }

    fn number(
        &mut self,
        members: &'a Map<String, Value>,
        name: &'static str,
        node: impl FnOnce(Rational) -> Node,
        parts: &mut Vec<Part>,
    ) {
        let Some(Value::Number(number)) = self.get(members, name) else { return };
        let node = match rational::from_number(number) {
            Some(number) => self.arena.add(node(number)),
            None => self.opaque("a number of more than 128 bits"),
        };
        parts.push(plain(name, node));
    }

    /// A keyword whose value is a count; nothing is said by a lower bound of zero.
    fn count(
        &mut self,
        members: &'a Map<String, Value>,
        name: &'static str,
        node: impl FnOnce(u64) -> Node,
        parts: &mut Vec<Part>,
    ) {
        let Some(value) = self.get(members, name) else { return };
        let node = match as_count(value) {
            Some(0) if name.starts_with("min") => TRUE,
            Some(count) => self.arena.add(node(count)),
            None => self.opaque("a count of more than 64 bits"),
        };
        parts.push(plain(name, node));
    }

    fn strings(&mut self, members: &'a Map<String, Value>, parts: &mut Vec<Part>) {
        self.count(members, "minLength", Node::MinLength, parts);
        self.count(members, "maxLength", Node::MaxLength, parts);
        if let Some(pattern) = self.get(members, "pattern").and_then(Value::as_str) {
            let node = self.pattern(pattern);
            parts.push(plain("pattern", node));
        }
        if let Some(format) = self.get(members, "format").and_then(Value::as_str)
            && self.assert_formats
        {
            let node = self.arena.add(Node::Format(format.to_owned()));
            parts.push(plain("format", node));
        }
    }

    /// A pattern, its leading look-aheads taken off as conditions of their own.
    fn pattern(&mut self, text: &str) -> Id {
        let Some((conditions, rest)) = ecma::leading_lookaheads(text) else {
            return self.text_pattern(text);
        };
        let no_string =
            self.arena.add(Node::Kinds(Kinds::default().with(Kind::String).complement()));
        // The conditions come first, because they are what a reader looks for in a witness.
        let mut all = Vec::new();
        for (must_hold, condition) in conditions {
            let condition = self.text_pattern(&condition);
            all.push(if must_hold {
                condition
            } else {
                let refused = self.arena.not(condition);
                self.arena.any([no_string, refused])
            });
        }
        all.push(self.text_pattern(&rest));
        self.arena.all(all)
    }

    fn text_pattern(&mut self, text: &str) -> Id {
        let pattern = self.arena.pattern(text);
        self.arena.add(Node::Pattern(pattern))
    }

    fn compositions(&mut self, members: &'a Map<String, Value>, parts: &mut Vec<Part>) {
        if let Some(Value::Array(schemas)) = self.get(members, "allOf") {
            for (index, schema) in schemas.iter().enumerate() {
                let node = self.schema(schema);
                let (member, inner) =
                    (Some(index.to_string()), Some((Applied::InPlace, Inner::of(schema))));
                parts.push(Part { keyword: "allOf", member, node, inner });
            }
        }
        if let Some(Value::Array(schemas)) = self.get(members, "anyOf") {
            let ids: Vec<_> = schemas.iter().map(|schema| self.schema(schema)).collect();
            let node = self.arena.any(ids);
            parts.push(plain("anyOf", node));
        }
        if let Some(Value::Array(schemas)) = self.get(members, "oneOf") {
            let ids: Vec<_> = schemas.iter().map(|schema| self.schema(schema)).collect();
            let node = self.arena.one(ids);
            parts.push(plain("oneOf", node));
        }
        if let Some(schema) = self.get(members, "not") {
            let inner = self.schema(schema);
            let node = self.arena.not(inner);
            parts.push(plain("not", node));
        }
        let Some(condition) = self.get(members, "if") else { return };
        let condition = self.schema(condition);
        let refused = self.arena.not(condition);
        for (name, other) in [("then", refused), ("else", condition)] {
            if let Some(schema) = self.get(members, name) {
                let branch = self.schema(schema);
                let node = self.arena.any([other, branch]);
                parts.push(plain(name, node));
            }
        }
    }
}

fn plain(keyword: &'static str, node: Id) -> Part {
    Part { keyword, member: None, node, inner: None }
}

/// A whole number of zero or more; `2.0` is one.
fn as_count(value: &Value) -> Option<u64> {
    if let Some(count) = value.as_u64() {
        return Some(count);
    }
    let number = rational::from_number(value.as_number()?)?;
    number.is_integer().then(|| u64::try_from(number.to_integer()).ok()).flatten()
}
