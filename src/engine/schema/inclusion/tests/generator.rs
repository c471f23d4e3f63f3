//! Random schemas and instances over a vocabulary so small that they meet.

use serde_json::{Map, Value, json};

use super::random::Random;
use crate::engine::schema::Dialect;

const NAMES: &[&str] = &["a", "b", "c"];
/// Names of instances: some that no schema mentions, some that patterns tell apart.
const KEYS: &[&str] = &["a", "b", "c", "a", "b", "ab", "extra", "", "x"];
const TEXTS: &[&str] = &["", "a", "b", "ab", "ba", "x", "aa", "aab", "1", "\u{e9}"];
const PATTERNS: &[&str] = &[
    "^a", "b$", "^[ab]+$", "^x?$", "a|b", "^.{2}$", "[^a]", "\\d", "^(?!a)", "^(?=.*b)a", "^$",
    "(?:ab)*a$",
];
/// Patterns that are not regular, or not to an automaton.
const IRREGULAR: &[&str] = &["(a)\\1", "a(?=b)", "(?<!a)b", "a\\B"];
const TYPES: &[&str] = &["object", "array", "string", "number", "integer", "boolean", "null"];

/// The document a schema is part of: what its references lead to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Context {
    pub(super) dialect: Dialect,
    pub(super) definitions: Map<String, Value>,
}

impl Context {
    /// The schema as a document.
    pub(super) fn document(&self, body: &Value) -> Value {
        let mut document = match body {
            Value::Object(members) => members.clone(),
            Value::Bool(true) => Map::new(),
            other => Map::from_iter([("allOf".to_owned(), json!([other]))]),
        };
        if let Some(uri) = uri(self.dialect) {
            document.insert("$schema".to_owned(), json!(uri));
        }
        if !self.definitions.is_empty() {
            let definitions = Value::Object(self.definitions.clone());
            document.insert(holder(self.dialect).to_owned(), definitions);
        }
        Value::Object(document)
    }
}

/// Where definitions stand.
pub(super) fn holder(dialect: Dialect) -> &'static str {
    if dialect >= Dialect::Draft2019 { "$defs" } else { "definitions" }
}

fn uri(dialect: Dialect) -> Option<&'static str> {
    match dialect {
        Dialect::Draft4 => Some("http://json-schema.org/draft-04/schema#"),
        Dialect::Draft6 => Some("http://json-schema.org/draft-06/schema#"),
        Dialect::Draft7 => Some("http://json-schema.org/draft-07/schema#"),
        Dialect::Draft2019 => Some("https://json-schema.org/draft/2019-09/schema"),
        Dialect::Draft2020 => None,
    }
}

/// A dialect and definitions, in a third of all cases some, which may refer to each other.
pub(super) fn context(random: &mut Random) -> Context {
    let dialect = match random.below(20) {
        0..12 => Dialect::Draft2020,
        12..15 => Dialect::Draft2019,
        15..18 => Dialect::Draft7,
        18 => Dialect::Draft6,
        _ => Dialect::Draft4,
    };
    let mut context = Context { dialect, definitions: Map::new() };
    if random.one_in(3) {
        for name in ["T", "U"] {
            let mut generator = Generator { random, dialect, has_definitions: true };
            let depth = 1 + generator.random.below(2);
            let mut definition = generator.object(depth);
            // Mostly the way recursion is written: through the instance.
            if generator.random.one_in(2) {
                let members = definition.as_object_mut().expect("asked for an object");
                let reference = generator.reference();
                let (keyword, value) = match generator.random.below(3) {
                    0 => ("items", reference),
                    1 => ("additionalProperties", reference),
                    _ => ("properties", json!({"a": reference})),
                };
                members.insert(keyword.to_owned(), value);
            }
            context.definitions.insert(name.to_owned(), definition);
        }
    }
    context
}

/// A schema for a context.
pub(super) fn schema(random: &mut Random, context: &Context) -> Value {
    let has_definitions = !context.definitions.is_empty();
    let depth = *random.pick(&[1, 1, 2, 2, 2, 3]);
    Generator { random, dialect: context.dialect, has_definitions }.object(depth)
}

/// Changes a schema in one place.
pub(super) fn mutate(random: &mut Random, context: &Context, schema: &mut Value) {
    let places: Vec<String> = crate::engine::schema::Walk::within(schema, context.dialect)
        .iter()
        .map(|it| it.pointer().as_str().to_owned())
        .collect();
    let pointer = random.pick(&places).clone();
    let is_root = pointer.is_empty();
    let place = schema.pointer_mut(&pointer).expect("the walk says where schemas are");
    let has_definitions = !context.definitions.is_empty();
    let mut generator = Generator { random, dialect: context.dialect, has_definitions };
    let old = place.clone();
    let Value::Object(members) = place else {
        *place = generator.object(1);
        return;
    };
    match generator.random.below(10) {
        0..4 => generator.keyword(members, 1),
        4 | 5 if !members.is_empty() => {
            let names: Vec<String> = members.keys().cloned().collect();
            members.remove(generator.random.pick(&names));
        }
        6 | 7 => nudge(generator.random, members),
        8 if !is_root => *place = generator.schema(1),
        _ => {
            let other = generator.schema(1);
            *place = match generator.random.below(4) {
                0 => json!({"allOf": [old, other]}),
                1 => json!({"anyOf": [old, other]}),
                2 => json!({"oneOf": [old, other]}),
                _ => json!({"not": {"not": old}}),
            };
        }
    }
}

/// Makes a number one larger or smaller, or a list one member longer or shorter.
fn nudge(random: &mut Random, members: &mut Map<String, Value>) {
    let can_be_nudged = |(name, value): (&String, &Value)| {
        let is_list = ["enum", "required", "type"].contains(&name.as_str()) && value.is_array();
        (is_list || (value.is_number() && name != "const")).then(|| name.clone())
    };
    let names: Vec<String> = members.iter().filter_map(can_be_nudged).collect();
    if names.is_empty() {
        return;
    }
    let name = random.pick(&names);
    match &mut members[name] {
        Value::Array(items) if items.len() > 1 => {
            items.remove(random.below(items.len()));
        }
        value if name != "multipleOf" && value.is_number() => {
            let number = value.as_f64().expect("a small number");
            let is_count = !name.ends_with("imum") && !name.ends_with("Minimum");
            let change = if random.one_in(2) { 1.0 } else { -1.0 };
            let changed = number + change;
            *value = if is_count || changed.fract() == 0.0 {
                #[expect(clippy::cast_possible_truncation, reason = "numbers here are small")]
                let whole = changed as i64;
                json!(if is_count { whole.max(0) } else { whole })
            } else {
                json!(changed)
            };
        }
        _ => {}
    }
}

/// Makes schemas of one dialect.
pub(super) struct Generator<'r> {
    pub(super) random: &'r mut Random,
    pub(super) dialect: Dialect,
    pub(super) has_definitions: bool,
}

impl Generator<'_> {
    /// Any schema, with at most `depth` levels below it.
    pub(super) fn schema(&mut self, depth: usize) -> Value {
        if self.dialect > Dialect::Draft4 && self.random.one_in(14) {
            return json!(self.random.one_in(2));
        }
        if self.has_definitions && self.random.one_in(5) {
            return self.reference();
        }
        self.object(depth)
    }

    fn reference(&mut self) -> Value {
        let name = self.random.pick(&["T", "U"]);
        json!({"$ref": format!("#/{}/{name}", holder(self.dialect))})
    }

    /// A schema that is an object.
    fn object(&mut self, depth: usize) -> Value {
        let mut members = Map::new();
        // Half of them look like what people write.
        if self.random.one_in(2) {
            let kind =
                if depth > 0 && self.random.one_in(2) { "object" } else { self.random.pick(TYPES) };
            members.insert("type".to_owned(), json!(kind));
            if kind == "object" && depth > 0 {
                let properties = self.properties(depth);
                members.insert("properties".to_owned(), properties);
            }
        }
        for _ in 0..1 + self.random.below(3) {
            self.keyword(&mut members, depth);
        }
        Value::Object(members)
    }

    /// Adds a keyword of the dialect, or replaces one.
    fn keyword(&mut self, members: &mut Map<String, Value>, depth: usize) {
        let choices = if depth == 0 { 20 } else { 60 };
        let (name, value) = match self.random.below(choices) {
            0..3 => ("type", self.types()),
            3 => ("enum", Value::Array(self.distinct_values())),
            4 => ("const", self.value(1)),
            5 => ("minimum", self.number()),
            6 => ("maximum", self.number()),
            7 => return self.exclusive(members),
            8 => (
                "multipleOf",
                self.random.pick(&[json!(2), json!(3), json!(0.5), json!(1)]).clone(),
            ),
            9 => ("minLength", self.count()),
            10 => ("maxLength", self.count()),
            11..13 => ("pattern", json!(self.pattern())),
            13 => ("minItems", self.count()),
            14 => ("maxItems", self.count()),
            15 => ("uniqueItems", json!(!self.random.one_in(5))),
            16 => ("minProperties", self.count()),
            17 => ("maxProperties", self.count()),
            18 => ("required", self.names()),
            19 => return self.dependent_names(members),
            20..23 => ("items", self.schema(depth - 1)),
            23 | 24 => return self.tuple(members, depth),
            25 | 26 => return self.contains(members, depth),
            27..33 => ("properties", self.properties(depth)),
            33 => ("required", self.names()),
            34 => {
                let pattern = self.pattern();
                ("patternProperties", json!({pattern: self.schema(depth - 1)}))
            }
            35..38 => ("additionalProperties", self.rest(depth)),
            38 => ("propertyNames", self.schema(depth - 1)),
            39 => return self.dependent_schemas(members, depth),
            40..43 => ("allOf", self.schemas(depth)),
            43..46 => ("anyOf", self.schemas(depth)),
            46..49 => ("oneOf", self.schemas(depth)),
            49..51 => ("not", self.schema(depth - 1)),
            51..54 => return self.conditional(members, depth),
            54..56 => ("unevaluatedProperties", self.rest(depth)),
            56 => ("unevaluatedItems", self.rest(depth)),
            57 if self.has_definitions => {
                let Value::Object(reference) = self.reference() else { return };
                members.extend(reference);
                return;
            }
            _ => ("title", json!("a title")),
        };
        members.insert(name.to_owned(), value);
        if self.dialect == Dialect::Draft4 {
            fit_draft_4(members);
        }
    }

    fn types(&mut self) -> Value {
        if self.random.one_in(2) {
            return json!(self.random.pick(TYPES));
        }
        let mut types = TYPES.to_vec();
        self.random.shuffle(&mut types);
        types.truncate(1 + self.random.below(3));
        json!(types)
    }

    fn number(&mut self) -> Value {
        number(self.random, self.dialect)
    }

    fn count(&mut self) -> Value {
        json!(self.random.below(4))
    }

    fn exclusive(&mut self, members: &mut Map<String, Value>) {
        let (bound, exclusive) =
            *self.random.pick(&[("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")]);
        let number = self.number();
        if self.dialect == Dialect::Draft4 {
            members.insert(bound.to_owned(), number);
            members.insert(exclusive.to_owned(), json!(!self.random.one_in(4)));
        } else {
            members.insert(exclusive.to_owned(), number);
        }
    }

    fn pattern(&mut self) -> &'static str {
        if self.random.one_in(25) {
            self.random.pick::<&str>(IRREGULAR)
        } else {
            self.random.pick::<&str>(PATTERNS)
        }
    }

    fn names(&mut self) -> Value {
        let mut names = NAMES.to_vec();
        self.random.shuffle(&mut names);
        names.truncate(1 + self.random.below(2));
        json!(names)
    }

    fn dependent_names(&mut self, members: &mut Map<String, Value>) {
        let keyword =
            if self.dialect >= Dialect::Draft2019 { "dependentRequired" } else { "dependencies" };
        let name = *self.random.pick(NAMES);
        let names = self.names();
        members.insert(keyword.to_owned(), json!({name: names}));
    }

    fn dependent_schemas(&mut self, members: &mut Map<String, Value>, depth: usize) {
        let keyword =
            if self.dialect >= Dialect::Draft2019 { "dependentSchemas" } else { "dependencies" };
        let name = *self.random.pick(NAMES);
        let schema = self.schema(depth - 1);
        members.insert(keyword.to_owned(), json!({name: schema}));
    }

    fn properties(&mut self, depth: usize) -> Value {
        let mut names = NAMES.to_vec();
        self.random.shuffle(&mut names);
        names.truncate(1 + self.random.below(3));
        names.into_iter().map(|name| (name.to_owned(), self.schema(depth - 1))).collect()
    }

    /// A schema for what is left over: often just a boolean, which every draft has here.
    fn rest(&mut self, depth: usize) -> Value {
        match self.random.below(4) {
            0 | 1 => json!(false),
            2 => json!(true),
            _ => self.schema(depth - 1),
        }
    }

    fn tuple(&mut self, members: &mut Map<String, Value>, depth: usize) {
        let items = self.schemas(depth);
        let (prefix, rest) = if self.dialect == Dialect::Draft2020 {
            ("prefixItems", "items")
        } else {
            ("items", "additionalItems")
        };
        members.insert(prefix.to_owned(), items);
        if self.random.one_in(2) {
            let schema = self.rest(depth);
            let is_fine = rest == "additionalItems" || self.dialect > Dialect::Draft4;
            if is_fine {
                members.insert(rest.to_owned(), schema);
            }
        }
    }

    fn contains(&mut self, members: &mut Map<String, Value>, depth: usize) {
        if self.dialect < Dialect::Draft6 {
            return;
        }
        members.insert("contains".to_owned(), self.schema(depth - 1));
        if self.dialect >= Dialect::Draft2019 && self.random.one_in(3) {
            let keyword = *self.random.pick(&["minContains", "maxContains"]);
            members.insert(keyword.to_owned(), self.count());
        }
    }

    fn conditional(&mut self, members: &mut Map<String, Value>, depth: usize) {
        if self.dialect < Dialect::Draft7 {
            return;
        }
        members.insert("if".to_owned(), self.schema(depth - 1));
        if !self.random.one_in(4) {
            members.insert("then".to_owned(), self.schema(depth - 1));
        }
        if !self.random.one_in(3) {
            members.insert("else".to_owned(), self.schema(depth - 1));
        }
    }

    fn schemas(&mut self, depth: usize) -> Value {
        (0..1 + self.random.below(3)).map(|_| self.schema(depth - 1)).collect()
    }

    fn distinct_values(&mut self) -> Vec<Value> {
        let mut values: Vec<Value> = Vec::new();
        for _ in 0..1 + self.random.below(4) {
            let value = self.value(1);
            if !values.contains(&value) {
                values.push(value);
            }
        }
        values
    }

    fn value(&mut self, depth: usize) -> Value {
        value(self.random, self.dialect, depth)
    }
}

/// Draft 4 has boolean schemas in two places only, and these keywords in none.
fn fit_draft_4(members: &mut Map<String, Value>) {
    for name in ["const", "propertyNames", "unevaluatedProperties", "unevaluatedItems"] {
        members.remove(name);
    }
}

fn number(random: &mut Random, dialect: Dialect) -> Value {
    let numbers = [json!(0), json!(1), json!(2), json!(3), json!(-1), json!(0.5), json!(1.5)];
    // In draft 4 it is open whether 2.0 is an integer.
    if dialect > Dialect::Draft4 && random.one_in(10) {
        return json!(2.0);
    }
    random.pick(&numbers).clone()
}

/// A random value, at most `depth` levels deep.
pub(super) fn value(random: &mut Random, dialect: Dialect, depth: usize) -> Value {
    match random.below(if depth == 0 { 6 } else { 10 }) {
        0 => Value::Null,
        1 => json!(random.one_in(2)),
        2 | 3 => number(random, dialect),
        4 | 5 => json!(random.pick(TEXTS)),
        6 | 7 => (0..random.below(4)).map(|_| value(random, dialect, depth - 1)).collect(),
        _ => {
            let count = random.below(4);
            let member = |_| {
                let key = (*random.pick(KEYS)).to_owned();
                (key, value(random, dialect, depth - 1))
            };
            Value::Object((0..count).map(member).collect())
        }
    }
}

/// A value that has a fair chance of being accepted: it follows the schema where that is easy.
pub(super) fn likely(
    random: &mut Random,
    context: &Context,
    schema: &Value,
    depth: usize,
) -> Value {
    let any = |random: &mut Random| value(random, context.dialect, depth.min(2));
    let Value::Object(members) = schema else { return any(random) };
    if depth == 0 || random.one_in(12) {
        return any(random);
    }
    if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
        let name = reference.rsplit('/').next().expect("a split has a part");
        let target = context.definitions.get(name).unwrap_or(&Value::Null);
        return likely(random, context, target, depth - 1);
    }
    if let Some(constant) = members.get("const") {
        return constant.clone();
    }
    if let Some(Value::Array(values)) = members.get("enum") {
        return random.pick(values).clone();
    }
    let branches: Vec<&Value> = ["allOf", "anyOf", "oneOf"]
        .iter()
        .filter_map(|name| members.get(*name)?.as_array())
        .flatten()
        .chain(["then", "else"].iter().filter_map(|name| members.get(*name)))
        .collect();
    let has_own =
        ["properties", "required", "items"].iter().any(|name| members.contains_key(*name));
    if !branches.is_empty() && (!has_own || random.one_in(2)) {
        let branch = *random.pick(&branches);
        return likely(random, context, branch, depth - 1);
    }
    let kinds: Vec<&str> = match members.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        Some(kind) => kind.as_str().into_iter().collect(),
        None => Vec::new(),
    };
    let kind = if kinds.is_empty() { guessed(members) } else { random.pick(&kinds) };
    match kind {
        "object" => likely_object(random, context, members, depth),
        "array" => likely_array(random, context, members, depth),
        "string" => json!(random.pick(TEXTS)),
        "integer" => json!(*random.pick(&[0, 1, 2, 3, -1, 6])),
        "number" => number(random, context.dialect),
        "boolean" => json!(random.one_in(2)),
        "null" => Value::Null,
        _ => any(random),
    }
}

fn guessed(members: &Map<String, Value>) -> &'static str {
    let has = |name: &str| members.contains_key(name);
    if ["properties", "required", "additionalProperties", "propertyNames", "patternProperties"]
        .into_iter()
        .any(has)
    {
        "object"
    } else if ["items", "prefixItems", "contains", "minItems"].into_iter().any(has) {
        "array"
    } else {
        ""
    }
}

fn likely_object(
    random: &mut Random,
    context: &Context,
    members: &Map<String, Value>,
    depth: usize,
) -> Value {
    let mut object = Map::new();
    let empty = Map::new();
    let properties = members.get("properties").and_then(Value::as_object).unwrap_or(&empty);
    let is_required = |name: &str| {
        let names = members.get("required").and_then(Value::as_array);
        names.is_some_and(|names| names.iter().any(|it| it == name))
    };
    for name in NAMES {
        let schema = properties.get(*name);
        let is_wanted = is_required(name) || (schema.is_some() && !random.one_in(3));
        if is_wanted {
            let schema = schema.unwrap_or(&Value::Bool(true));
            object.insert((*name).to_owned(), likely(random, context, schema, depth - 1));
        }
    }
    if random.one_in(3) {
        let rest = members.get("additionalProperties").unwrap_or(&Value::Bool(true));
        let key = (*random.pick(KEYS)).to_owned();
        object.entry(key).or_insert_with(|| likely(random, context, rest, depth - 1));
    }
    Value::Object(object)
}

fn likely_array(
    random: &mut Random,
    context: &Context,
    members: &Map<String, Value>,
    depth: usize,
) -> Value {
    let anything = Value::Bool(true);
    let list = |name: &str| members.get(name).and_then(Value::as_array);
    let prefix = list("prefixItems").or_else(|| list("items"));
    let rest = members.get("items").filter(|it| !it.is_array()).or(members.get("additionalItems"));
    let rest = rest.or(members.get("contains")).unwrap_or(&anything);
    (0..random.below(4))
        .map(|index| {
            let schema = prefix.and_then(|prefix| prefix.get(index)).unwrap_or(rest);
            likely(random, context, schema, depth - 1)
        })
        .collect()
}
