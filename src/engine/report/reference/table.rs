//! A schema as tables: one row for each argument, nested ones under dotted paths.
//!
//! Types that are used in several places or contain themselves get a table of their own and are
//! linked by name, so the tables are never longer than the schema. Not for: the words in the cells
//! (see `wording`).

use std::collections::{HashMap, HashSet, VecDeque};

use super::{
    Span, limited,
    node::Node,
    place::{Choice, Inline, Named, Place, Schemas},
    shorten,
    wording::{constraints, is_told_by_type, json, only_required, type_of},
};

/// Rows of one table.
pub(super) const MAX_ROWS: usize = 500;
/// Named types of one schema.
const MAX_TYPES: usize = 200;
/// How deep paths go; deeper members are counted, not shown.
const MAX_DEPTH: usize = 16;
/// How deep types that are used once are shown in place.
const MAX_INLINE: usize = 6;
/// Characters of one description; a short type's stands in the row of each of its users.
const MAX_CELL: usize = 4_000;
/// Most options that are told in a type cell.
const MAX_PLAIN: usize = 12;
/// Characters of one name in a path, and of the whole path.
const MAX_NAME: usize = 80;
const MAX_PATH: usize = 160;

/// What the arguments or the result of a tool look like.
#[derive(Debug, Default)]
pub(super) struct Shape {
    pub(super) description: Option<String>,
    /// What holds for the whole.
    pub(super) notes: Vec<Vec<Span>>,
    pub(super) table: Table,
    /// The types that the table refers to by name.
    pub(super) types: Vec<NamedType>,
    /// Types beyond the limit.
    pub(super) hidden_types: usize,
}

/// A type with a table of its own.
#[derive(Debug)]
pub(super) struct NamedType {
    pub(super) name: String,
    pub(super) anchor: String,
    pub(super) kind: Vec<Span>,
    pub(super) description: Option<String>,
    pub(super) notes: Vec<Vec<Span>>,
    pub(super) table: Table,
}

/// The rows of a table, and how many at least were left out.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) rows: Vec<Row>,
    pub(super) hidden: usize,
}

/// One place in a value.
#[derive(Debug)]
pub(super) struct Row {
    /// `filter.status`, `lines[].sku`, `labels.*`.
    pub(super) path: String,
    /// This row is one of several alternatives for its path: which, and of how many.
    pub(super) option: Option<(usize, usize)>,
    pub(super) kind: Vec<Span>,
    /// Whether the object around it requires it; none for what is not a member.
    pub(super) is_required: Option<bool>,
    pub(super) default: Option<String>,
    pub(super) constraints: Vec<Vec<Span>>,
    pub(super) description: Option<String>,
    pub(super) is_deprecated: bool,
}

/// The tables of one schema. `anchor` starts the anchors of its types, `whole` names the value
/// itself, and `rows_left` is what the page has left for all of its tables.
pub(super) fn shape(schema: Node<'_>, anchor: &str, whole: &str, rows_left: &mut usize) -> Shape {
    let mut tables = Tables {
        schemas: Schemas::new(schema),
        anchor,
        whole,
        rows_left,
        depth: 0,
        links: HashMap::new(),
        names: HashSet::new(),
        pending: VecDeque::new(),
    };
    let place = tables.place(schema);
    let mut table = Table::default();
    let is_object = place.named.is_empty() && place.types() == ["object"];
    if !is_object {
        tables.add(&mut table, whole, &place, None, None);
    }
    tables.rows(&mut table, &place, if is_object { "" } else { whole });
    let notes = if is_object { constraints(&place) } else { Vec::new() };
    let description = if is_object { place.text("description").map(limited) } else { None };
    let mut shape = Shape { description, notes, table, ..Shape::default() };
    while let Some(pending) = tables.pending.pop_front() {
        if shape.types.len() == MAX_TYPES {
            shape.hidden_types = tables.pending.len() + 1;
            break;
        }
        shape.types.push(tables.named_type(pending));
    }
    shape
}

/// The tables of one schema in the making.
#[derive(Debug)]
pub(super) struct Tables<'a> {
    schemas: Schemas<'a>,
    anchor: &'a str,
    whole: &'a str,
    rows_left: &'a mut usize,
    depth: usize,
    /// The types that were referred to by name, by identity.
    links: HashMap<usize, Span>,
    names: HashSet<String>,
    pending: VecDeque<Pending<'a>>,
}

/// A type that was referred to and still needs its table.
#[derive(Debug)]
struct Pending<'a> {
    name: String,
    anchor: String,
    target: Node<'a>,
}

impl<'a> Tables<'a> {
    pub(super) fn place(&self, schema: Node<'a>) -> Place<'a> {
        // A chain of types that each use the next once could be as long as the schema.
        let inline = if self.depth < MAX_INLINE { Inline::Tables } else { Inline::Short };
        self.schemas.place(schema, inline)
    }

    /// The link to a type, which from now on has a table of its own.
    pub(super) fn link(&mut self, named: Named<'a>) -> Span {
        let identity = named.target.identity();
        if let Some(link) = self.links.get(&identity) {
            return link.clone();
        }
        let last = named.reference.rsplit(['/', '#']).next().unwrap_or_default();
        let stem = if last.is_empty() { "Root" } else { last };
        let stem = shorten(stem, MAX_NAME);
        let mut name = stem.clone();
        for count in 2.. {
            if self.names.insert(name.clone()) {
                break;
            }
            name = format!("{stem} ({count})");
        }
        let anchor = format!("{}.type-{}", self.anchor, self.names.len());
        let link = Span::Link { text: name.clone(), anchor: anchor.clone() };
        self.links.insert(identity, link.clone());
        self.pending.push_back(Pending { name, anchor, target: named.target });
        link
    }

    /// Whether the options of a combinator fit into a type cell: none has insides or says more
    /// than its type.
    pub(super) fn is_plain(&self, choice: &Choice<'a>) -> bool {
        self.are_plain(choice, 0)
    }

    fn are_plain(&self, choice: &Choice<'a>, nesting: usize) -> bool {
        let fits = |option: &Node<'a>| {
            let place = self.place(*option);
            place.properties().is_empty() && self.is_bare(&place, nesting + 1)
        };
        choice.options.len() <= MAX_PLAIN && choice.options.iter().all(fits)
    }

    /// Whether a place says nothing that a type in words does not say; its members aside.
    fn is_bare(&self, place: &Place<'a>, nesting: usize) -> bool {
        // References make schemas that never end.
        nesting < MAX_INLINE
            && place.text("description").is_none()
            && constraints(place).is_empty()
            && place.get("patternProperties").is_none()
            && place.prefix_items().is_empty()
            && self.choices_with_rows(place, nesting).is_empty()
            && [place.items(), place.other_members()].into_iter().flatten().all(|schema| {
                let inner = self.place(schema);
                inner.properties().is_empty() && self.is_bare(&inner, nesting + 1)
            })
    }

    /// The combinators of a place that need rows: neither lists of required members nor, where
    /// nothing else tells the type, a few plain types.
    fn choices_with_rows<'p>(&self, place: &'p Place<'a>, nesting: usize) -> Vec<&'p Choice<'a>> {
        let tells_type = place.get("type").is_none() && place.get("properties").is_none();
        let choices = place.choices.iter().enumerate();
        let shown = choices.filter(|(index, choice)| {
            let is_in_type = *index == 0 && tells_type && self.are_plain(choice, nesting);
            !is_in_type && only_required(choice).is_none()
        });
        shown.map(|(_, choice)| choice).collect()
    }

    fn named_type(&mut self, pending: Pending<'a>) -> NamedType {
        self.depth = 0;
        let place = self.place(pending.target);
        let mut table = Table::default();
        self.rows(&mut table, &place, "");
        NamedType {
            name: pending.name,
            anchor: pending.anchor,
            kind: type_of(self, &place),
            description: place.text("description").map(limited),
            notes: constraints(&place),
            table,
        }
    }

    /// Adds the rows inside a place.
    fn rows(&mut self, table: &mut Table, place: &Place<'a>, path: &str) {
        self.depth += 1;
        for (name, schema, is_required) in place.properties() {
            self.member(table, &member_path(path, name), schema, Some(is_required));
        }
        for (pattern, schema) in place.all("patternProperties").flat_map(Node::members) {
            let path = format!("{path}<{}>", shorten(pattern, MAX_NAME));
            self.member(table, &path, schema, None);
        }
        if let Some(schema) = place.other_members() {
            let path = if path.is_empty() { "*".to_owned() } else { format!("{path}.*") };
            self.element(table, &path, schema);
        }
        let prefix = place.prefix_items();
        for (index, schema) in prefix.iter().enumerate() {
            self.member(table, &format!("{path}[{index}]"), *schema, None);
        }
        if let Some(schema) = place.items() {
            let path = match prefix.len() {
                0 => format!("{path}[]"),
                first => format!("{path}[{first}…]"),
            };
            self.element(table, &path, schema);
        }
        for choice in self.choices_with_rows(place, 0) {
            for (index, schema) in choice.options.iter().enumerate() {
                if self.is_full(table) {
                    table.hidden += choice.options.len() - index;
                    break;
                }
                let option = self.place(*schema);
                let label = if path.is_empty() { self.whole } else { path };
                self.add(table, label, &option, None, Some((index + 1, choice.options.len())));
                self.rows(table, &option, path);
            }
        }
        self.depth -= 1;
    }

    /// Adds the row of a member, and those inside it.
    fn member(&mut self, table: &mut Table, path: &str, schema: Node<'a>, required: Option<bool>) {
        if self.is_full(table) {
            table.hidden += 1;
            return;
        }
        let place = self.place(schema);
        self.add(table, path, &place, required, None);
        self.rows(table, &place, path);
    }

    /// Adds the rows inside array elements or map values, after one for the element where the row
    /// of its array does not already say everything about it.
    fn element(&mut self, table: &mut Table, path: &str, schema: Node<'a>) {
        if self.is_full(table) {
            table.hidden += 1;
            return;
        }
        let place = self.place(schema);
        if !is_told_by_type(&place) {
            self.add(table, path, &place, None, None);
        }
        self.rows(table, &place, path);
    }

    fn is_full(&self, table: &Table) -> bool {
        table.rows.len() >= MAX_ROWS || *self.rows_left == 0 || self.depth > MAX_DEPTH
    }

    fn add(
        &mut self,
        table: &mut Table,
        path: &str,
        place: &Place<'a>,
        is_required: Option<bool>,
        option: Option<(usize, usize)>,
    ) {
        *self.rows_left = self.rows_left.saturating_sub(1);
        table.rows.push(Row {
            path: shorten_front(path),
            option,
            kind: type_of(self, place),
            is_required,
            default: place.get("default").map(|default| json(default.value)),
            constraints: constraints(place),
            description: place.text("description").map(|text| shorten(text.trim(), MAX_CELL)),
            is_deprecated: place.all("deprecated").any(|flag| flag.value == true),
        });
    }
}

/// `filter.status`; a name that would not read as one step is quoted: `filter["a.b"]`.
fn member_path(path: &str, name: &str) -> String {
    let name = shorten(name, MAX_NAME);
    let is_simple = |character: char| character.is_alphanumeric() || "_-$@".contains(character);
    let is_plain = !name.is_empty() && name.chars().all(is_simple);
    match (is_plain, path) {
        (true, "") => name,
        (true, path) => format!("{path}.{name}"),
        (false, path) => format!("{path}[{}]", serde_json::Value::from(name)),
    }
}

/// Drops the beginning of a path that is too long: its end tells more.
fn shorten_front(path: &str) -> String {
    let count = path.chars().count();
    if count <= MAX_PATH {
        return path.to_owned();
    }
    std::iter::once('…').chain(path.chars().skip(count - MAX_PATH + 1)).collect()
}
