//! The keywords of objects.

use serde_json::{Map, Value};

use super::{Applied, Compiler, Inner, Part, plain};
use crate::engine::schema::inclusion::node::{Id, KeySet, Name, Node, Openness, TRUE};

impl<'a> Compiler<'a, '_> {
    pub(super) fn objects(&mut self, members: &'a Map<String, Value>, parts: &mut Vec<Part>) {
        self.count(members, "minProperties", Node::MinProperties, parts);
        self.count(members, "maxProperties", Node::MaxProperties, parts);
        let (names, patterns) = self.properties(members, parts);
        let evaluated = KeySet::new(names.clone(), patterns.clone());
        let mut known = names;
        self.required(members, &mut known, parts);
        self.dependent(members, &mut known, parts);
        if let Some(schema) = self.get(members, "additionalProperties") {
            let inner = self.schema(schema);
            let node = match inner {
                TRUE => TRUE,
                _ => self.arena.add(Node::Additional(evaluated.clone(), inner)),
            };
            let applied = Some((Applied::Additional(evaluated), Inner::of(schema)));
            parts.push(Part {
                keyword: "additionalProperties",
                member: None,
                node,
                inner: applied,
            });
        }
        if let Some(schema) = self.get(members, "propertyNames") {
            let inner = self.schema(schema);
            let node =
                if inner == TRUE { TRUE } else { self.arena.add(Node::PropertyNames(inner)) };
            let applied = Some((Applied::PropertyNames, Inner::of(schema)));
            parts.push(Part { keyword: "propertyNames", member: None, node, inner: applied });
        }
        let openness = self.openness(members);
        let declared = KeySet::new(known, patterns);
        if declared != KeySet::default() || openness > Openness::Closed {
            let node = self.arena.add(Node::Declares(declared, openness));
            parts.push(plain("properties", node));
        }
    }

    fn properties(
        &mut self,
        members: &'a Map<String, Value>,
        parts: &mut Vec<Part>,
    ) -> (Vec<Name>, Vec<u32>) {
        let (mut names, mut patterns) = (Vec::new(), Vec::new());
        for (text, schema) in self.map(members, "properties") {
            let name = self.arena.name(text);
            names.push(name);
            let inner = self.schema(schema);
            let node =
                if inner == TRUE { TRUE } else { self.arena.add(Node::Property(name, inner)) };
            let applied = Some((Applied::Property(text.clone()), Inner::of(schema)));
            let member = Some(text.clone());
            parts.push(Part { keyword: "properties", member, node, inner: applied });
        }
        for (text, schema) in self.map(members, "patternProperties") {
            let pattern = self.arena.pattern(text);
            patterns.push(pattern);
            let inner = self.schema(schema);
            let node = match inner {
                TRUE => TRUE,
                _ => self.arena.add(Node::PatternProperty(pattern, inner)),
            };
            let applied = Some((Applied::PatternProperty(text.clone()), Inner::of(schema)));
            let member = Some(text.clone());
            parts.push(Part { keyword: "patternProperties", member, node, inner: applied });
        }
        (names, patterns)
    }

    /// The members of a keyword whose value is an object.
    fn map(
        &self,
        members: &'a Map<String, Value>,
        name: &str,
    ) -> impl Iterator<Item = (&'a String, &'a Value)> + use<'a> {
        self.get(members, name).and_then(Value::as_object).into_iter().flatten()
    }

    fn required(
        &mut self,
        members: &'a Map<String, Value>,
        known: &mut Vec<Name>,
        parts: &mut Vec<Part>,
    ) {
        let names = self.get(members, "required").and_then(Value::as_array);
        for text in names.into_iter().flatten().filter_map(Value::as_str) {
            let name = self.arena.name(text);
            known.push(name);
            let node = self.arena.add(Node::Required(name));
            let member = Some(text.to_owned());
            parts.push(Part { keyword: "required", member, node, inner: None });
        }
    }

    /// `dependentRequired`, `dependentSchemas` and, in the older drafts, `dependencies`.
    fn dependent(
        &mut self,
        members: &'a Map<String, Value>,
        known: &mut Vec<Name>,
        parts: &mut Vec<Part>,
    ) {
        for keyword in ["dependentRequired", "dependentSchemas", "dependencies"] {
            for (text, dependency) in self.map(members, keyword) {
                let name = self.arena.name(text);
                known.push(name);
                let node = match dependency {
                    Value::Array(others) => self.all_required(others, known),
                    schema => self.schema(schema),
                };
                let absent = self.arena.add(Node::Absent(name));
                let node = self.arena.any([absent, node]);
                let member = Some(text.clone());
                parts.push(Part { keyword, member, node, inner: None });
            }
        }
    }

    fn all_required(&mut self, names: &[Value], known: &mut Vec<Name>) -> Id {
        let mut required = Vec::new();
        for text in names.iter().filter_map(Value::as_str) {
            let name = self.arena.name(text);
            known.push(name);
            required.push(self.arena.add(Node::Required(name)));
        }
        self.arena.all(required)
    }

    fn openness(&self, members: &'a Map<String, Value>) -> Openness {
        let of = |name: &str| match self.get(members, name) {
            None | Some(Value::Bool(false)) => Openness::Closed,
            Some(Value::Bool(true)) => Openness::Others,
            Some(Value::Object(schema)) if schema.is_empty() => Openness::Others,
            Some(_) => Openness::Map,
        };
        of("additionalProperties").max(of("unevaluatedProperties"))
    }
}
