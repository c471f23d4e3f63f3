//! `unevaluatedProperties` and `unevaluatedItems`, rewritten without looking at annotations.
//!
//! Which properties are evaluated depends on which branches hold. So the branches are enumerated:
//! each *case* says which hold, and what is evaluated then. Cases exclude each other and leave
//! nothing out, so the keyword says: for every case, it is not the case, or what the case leaves
//! over is as the keyword wants it.

use serde_json::{Map, Value};

use super::{Applied, Compiler, Inner, Part, array::prefix_and_rest, plain};
use crate::engine::schema::{
    inclusion::node::{Id, KeySet, Name, Node, PatternId, TRUE},
    reference::Target,
};

/// Most cases of one keyword.
const MAX_CASES: usize = 64;
/// Deepest nesting of in-place schemas.
const MAX_DEPTH: usize = 24;
/// Most schemas that are looked at for one document.
const MAX_STEPS: usize = 10_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Parts {
    Properties,
    Items,
}

/// One way for the branches of a schema to hold or not, and what is evaluated then.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Case {
    conditions: Vec<Id>,
    names: Vec<Name>,
    patterns: Vec<PatternId>,
    prefix: usize,
    is_all: bool,
}

impl Case {
    fn and(&self, other: &Self) -> Self {
        let mut both = self.clone();
        both.conditions.extend_from_slice(&other.conditions);
        both.names.extend_from_slice(&other.names);
        both.patterns.extend_from_slice(&other.patterns);
        both.prefix = both.prefix.max(other.prefix);
        both.is_all |= other.is_all;
        both
    }

    fn when(mut self, condition: Id) -> Self {
        self.conditions.push(condition);
        self
    }

    fn evaluates_nothing(&self) -> bool {
        !self.is_all && self.names.is_empty() && self.patterns.is_empty() && self.prefix == 0
    }
}

/// More cases than are enumerated, or a schema that cannot be looked into.
struct Intractable;

impl<'a> Compiler<'a, '_> {
    pub(super) fn unevaluated(
        &mut self,
        schema: &'a Value,
        members: &'a Map<String, Value>,
        parts: &mut Vec<Part>,
    ) {
        for (keyword, what) in
            [("unevaluatedProperties", Parts::Properties), ("unevaluatedItems", Parts::Items)]
        {
            let Some(rest) = self.get(members, keyword) else { continue };
            let rest_id = self.schema(rest);
            if rest_id == TRUE {
                parts.push(plain(keyword, TRUE));
                continue;
            }
            let Ok(cases) = self.cases(schema, what, Some(keyword), 0) else {
                let reason = format!("`{keyword}` beside more than can be enumerated");
                let node = self.opaque(&reason);
                parts.push(plain(keyword, node));
                continue;
            };
            let mut all = Vec::new();
            for case in &cases {
                let left = self.left_over(case, what, rest_id);
                let mut any: Vec<Id> =
                    case.conditions.iter().map(|condition| self.arena.not(*condition)).collect();
                any.push(left);
                all.push(self.arena.any(any));
            }
            let node = self.arena.all(all);
            // With a single case it is a plain `additionalProperties`, whose inside can be shown.
            let inner = match cases.as_slice() {
                [case] if case.conditions.is_empty() && !case.is_all => Some(match what {
                    Parts::Properties => Applied::Additional(keys(case)),
                    Parts::Items => Applied::ItemsFrom(case.prefix),
                }),
                _ => None,
            };
            let inner = inner.map(|applied| (applied, Inner::of(rest)));
            parts.push(Part { keyword, member: None, node, inner });
        }
    }

    fn left_over(&mut self, case: &Case, what: Parts, rest: Id) -> Id {
        match what {
            _ if case.is_all => TRUE,
            Parts::Properties => self.arena.add(Node::Additional(keys(case), rest)),
            Parts::Items => self.arena.add(Node::ItemsFrom(case.prefix, rest)),
        }
    }

    /// The cases of a schema; `except` is the keyword whose own evaluation does not count.
    fn cases(
        &mut self,
        schema: &'a Value,
        what: Parts,
        except: Option<&str>,
        depth: usize,
    ) -> Result<Vec<Case>, Intractable> {
        let Value::Object(members) = schema else { return Ok(vec![Case::default()]) };
        self.case_steps += 1;
        let is_much = depth > MAX_DEPTH || self.case_steps > MAX_STEPS;
        if is_much || (depth > 0 && self.foreign_base(schema).is_some()) {
            return Err(Intractable);
        }
        let mut cases = vec![self.own_case(members, what, except)?];
        for keyword in ["$ref", "$dynamicRef", "$recursiveRef"] {
            let Some(text) = self.get(members, keyword).and_then(Value::as_str) else { continue };
            if self.has_nested_ids {
                return Err(Intractable);
            }
            let Target::Local(target) = self.target(text) else { return Err(Intractable) };
            cases = product(&cases, &self.cases(target, what, None, depth + 1)?)?;
        }
        for inner in self.schemas(members, "allOf") {
            cases = product(&cases, &self.cases(inner, what, None, depth + 1)?)?;
        }
        for inner in self.schemas(members, "anyOf").chain(self.schemas(members, "oneOf")) {
            let condition = self.schema(inner);
            let branch = self.branch(inner, condition, what, depth)?;
            cases = product(&cases, &branch)?;
        }
        if let Some(condition) = self.get(members, "if") {
            let id = self.schema(condition);
            let refused = self.arena.not(id);
            let mut yes = self.cases(condition, what, None, depth + 1)?;
            if let Some(then) = self.get(members, "then") {
                yes = product(&yes, &self.cases(then, what, None, depth + 1)?)?;
            }
            let no = match self.get(members, "else") {
                Some(other) => self.cases(other, what, None, depth + 1)?,
                None => vec![Case::default()],
            };
            cases = product(&cases, &either(yes, id, no, refused))?;
        }
        // On an array they say nothing.
        let dependent = self.get(members, "dependentSchemas").and_then(Value::as_object);
        let dependent = dependent.filter(|_| what == Parts::Properties);
        for (text, inner) in dependent.into_iter().flatten() {
            let name = self.arena.name(text);
            let present = self.arena.add(Node::Required(name));
            let branch = self.branch(inner, present, what, depth)?;
            cases = product(&cases, &branch)?;
        }
        Ok(cases)
    }

    /// The cases of a schema that counts only under a condition.
    fn branch(
        &mut self,
        schema: &'a Value,
        condition: Id,
        what: Parts,
        depth: usize,
    ) -> Result<Vec<Case>, Intractable> {
        let yes = self.cases(schema, what, None, depth + 1)?;
        let refused = self.arena.not(condition);
        Ok(either(yes, condition, vec![Case::default()], refused))
    }

    fn schemas(
        &self,
        members: &'a Map<String, Value>,
        name: &str,
    ) -> impl Iterator<Item = &'a Value> + use<'a> {
        self.get(members, name).and_then(Value::as_array).into_iter().flatten()
    }

    /// What a schema object's own keywords evaluate.
    fn own_case(
        &mut self,
        members: &'a Map<String, Value>,
        what: Parts,
        except: Option<&str>,
    ) -> Result<Case, Intractable> {
        let mut case = Case::default();
        let counts = |name: &str| except != Some(name) && members.contains_key(name);
        match what {
            Parts::Properties => {
                case.is_all = counts("additionalProperties") || counts("unevaluatedProperties");
                let properties = self.get(members, "properties").and_then(Value::as_object);
                for name in properties.into_iter().flat_map(Map::keys) {
                    case.names.push(self.arena.name(name));
                }
                let patterns = self.get(members, "patternProperties").and_then(Value::as_object);
                for pattern in patterns.into_iter().flat_map(Map::keys) {
                    case.patterns.push(self.arena.pattern(pattern));
                }
            }
            Parts::Items => {
                // In 2019-09 the specification says no, and validators do it all the same.
                if members.contains_key("contains") {
                    return Err(Intractable);
                }
                let ((_, prefix), rest) = prefix_and_rest(members, self.dialect);
                case.prefix = prefix.len();
                case.is_all = rest.is_some() || counts("unevaluatedItems");
            }
        }
        Ok(case)
    }
}

fn keys(case: &Case) -> KeySet {
    KeySet::new(case.names.clone(), case.patterns.clone())
}

/// One or the other. Where nothing is evaluated either way, the difference is none.
fn either(yes: Vec<Case>, condition: Id, no: Vec<Case>, refused: Id) -> Vec<Case> {
    if yes.iter().chain(&no).all(Case::evaluates_nothing) {
        return vec![Case::default()];
    }
    let yes = yes.into_iter().map(|case| case.when(condition));
    yes.chain(no.into_iter().map(|case| case.when(refused))).collect()
}

fn product(one: &[Case], other: &[Case]) -> Result<Vec<Case>, Intractable> {
    if one.len() * other.len() > MAX_CASES {
        return Err(Intractable);
    }
    Ok(one.iter().flat_map(|left| other.iter().map(|right| left.and(right))).collect())
}
