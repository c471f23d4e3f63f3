//! The keywords of JSON Schema, drafts 4 to 2020-12, as one table.
//!
//! For each keyword: since when and until when it means something, what its value must look like,
//! and where in that value further schemas stand. Walking, validity and reference resolution are
//! all read off this table.

use super::Dialect;

/// One keyword.
#[derive(Debug, Clone, Copy)]
pub struct Keyword {
    /// Its name in a schema.
    pub name: &'static str,
    /// The first draft that has it.
    pub since: Dialect,
    /// The last draft that has it.
    pub until: Dialect,
    /// What its value must be.
    pub value: Form,
}

/// What the value of a keyword must be, and where it holds schemas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A schema.
    Schema,
    /// A non-empty array of schemas.
    Schemas,
    /// An object whose values are schemas.
    SchemaMap,
    /// As [`Form::SchemaMap`], with regular expressions for keys.
    SchemaMapByPattern,
    /// A schema or an array of schemas.
    SchemaOrSchemas,
    /// An object whose values are schemas or arrays of property names.
    SchemaOrNamesMap,
    /// An object whose values are arrays of property names.
    NamesMap,
    /// An array of distinct strings.
    Names,
    /// A type name or an array of distinct type names.
    Types,
    /// An array.
    Values,
    /// Anything.
    Any,
    /// A boolean.
    Boolean,
    /// A number.
    Number,
    /// A number above zero.
    PositiveNumber,
    /// A number; a boolean in draft 4.
    NumberOrFlag,
    /// An integer of zero or more.
    Count,
    /// A string.
    String,
    /// A regular expression (ECMA-262).
    Pattern,
}

use Dialect::{Draft4, Draft6, Draft7, Draft2019, Draft2020};
use Form::{
    Any, Boolean, Count, Names, NamesMap, Number, NumberOrFlag, Pattern, PositiveNumber, Schema,
    SchemaMap, SchemaMapByPattern, SchemaOrNamesMap, SchemaOrSchemas, Schemas, String, Types,
    Values,
};

const fn keyword(name: &'static str, since: Dialect, until: Dialect, value: Form) -> Keyword {
    Keyword { name, since, until, value }
}

/// Every keyword of the core, applicator, validation, unevaluated and meta-data vocabularies. A
/// name with two meanings has two rows.
pub const KEYWORDS: &[Keyword] = &[
    keyword("$schema", Draft4, Draft2020, String),
    keyword("$id", Draft6, Draft2020, String),
    keyword("id", Draft4, Draft4, String),
    keyword("$ref", Draft4, Draft2020, String),
    keyword("$anchor", Draft2019, Draft2020, String),
    keyword("$dynamicRef", Draft2020, Draft2020, String),
    keyword("$dynamicAnchor", Draft2020, Draft2020, String),
    keyword("$recursiveRef", Draft2019, Draft2019, String),
    keyword("$recursiveAnchor", Draft2019, Draft2019, Boolean),
    keyword("$comment", Draft7, Draft2020, String),
    keyword("$defs", Draft2019, Draft2020, SchemaMap),
    // Left the vocabulary in 2019-09 and is used in every dialect to this day.
    keyword("definitions", Draft4, Draft2020, SchemaMap),
    keyword("title", Draft4, Draft2020, String),
    keyword("description", Draft4, Draft2020, String),
    keyword("default", Draft4, Draft2020, Any),
    keyword("examples", Draft6, Draft2020, Values),
    keyword("deprecated", Draft2019, Draft2020, Boolean),
    keyword("readOnly", Draft7, Draft2020, Boolean),
    keyword("writeOnly", Draft7, Draft2020, Boolean),
    keyword("type", Draft4, Draft2020, Types),
    keyword("enum", Draft4, Draft2020, Values),
    keyword("const", Draft6, Draft2020, Any),
    keyword("format", Draft4, Draft2020, String),
    keyword("minimum", Draft4, Draft2020, Number),
    keyword("maximum", Draft4, Draft2020, Number),
    keyword("exclusiveMinimum", Draft4, Draft2020, NumberOrFlag),
    keyword("exclusiveMaximum", Draft4, Draft2020, NumberOrFlag),
    keyword("multipleOf", Draft4, Draft2020, PositiveNumber),
    keyword("minLength", Draft4, Draft2020, Count),
    keyword("maxLength", Draft4, Draft2020, Count),
    keyword("pattern", Draft4, Draft2020, Pattern),
    keyword("contentEncoding", Draft7, Draft2020, String),
    keyword("contentMediaType", Draft7, Draft2020, String),
    keyword("contentSchema", Draft2019, Draft2020, Schema),
    keyword("items", Draft4, Draft2019, SchemaOrSchemas),
    keyword("items", Draft2020, Draft2020, Schema),
    keyword("prefixItems", Draft2020, Draft2020, Schemas),
    keyword("additionalItems", Draft4, Draft2019, Schema),
    keyword("unevaluatedItems", Draft2019, Draft2020, Schema),
    keyword("contains", Draft6, Draft2020, Schema),
    keyword("minContains", Draft2019, Draft2020, Count),
    keyword("maxContains", Draft2019, Draft2020, Count),
    keyword("minItems", Draft4, Draft2020, Count),
    keyword("maxItems", Draft4, Draft2020, Count),
    keyword("uniqueItems", Draft4, Draft2020, Boolean),
    keyword("properties", Draft4, Draft2020, SchemaMap),
    keyword("patternProperties", Draft4, Draft2020, SchemaMapByPattern),
    keyword("additionalProperties", Draft4, Draft2020, Schema),
    keyword("unevaluatedProperties", Draft2019, Draft2020, Schema),
    keyword("propertyNames", Draft6, Draft2020, Schema),
    keyword("required", Draft4, Draft2020, Names),
    keyword("minProperties", Draft4, Draft2020, Count),
    keyword("maxProperties", Draft4, Draft2020, Count),
    keyword("dependencies", Draft4, Draft7, SchemaOrNamesMap),
    keyword("dependentRequired", Draft2019, Draft2020, NamesMap),
    keyword("dependentSchemas", Draft2019, Draft2020, SchemaMap),
    keyword("allOf", Draft4, Draft2020, Schemas),
    keyword("anyOf", Draft4, Draft2020, Schemas),
    keyword("oneOf", Draft4, Draft2020, Schemas),
    keyword("not", Draft4, Draft2020, Schema),
    keyword("if", Draft7, Draft2020, Schema),
    keyword("then", Draft7, Draft2020, Schema),
    keyword("else", Draft7, Draft2020, Schema),
];

/// The meaning of a name in a dialect, if it has one.
///
/// Asked for every member of every schema by every rule, so the rows are not searched: few have a
/// name of the same length that starts with the same letter.
pub fn find(name: &str, dialect: Dialect) -> Option<&'static Keyword> {
    let first = *name.as_bytes().first()?;
    let mut rows = OF_LENGTH.get(name.len())? & OF_FIRST.get(usize::from(first))?;
    while rows != 0 {
        let keyword = &KEYWORDS[rows.trailing_zeros() as usize];
        if keyword.name == name && keyword.since <= dialect && dialect <= keyword.until {
            return Some(keyword);
        }
        rows &= rows - 1;
    }
    None
}

/// A set of rows of the table, a bit for each.
type Rows = u128;

const ROWS: [(&[u8], Rows); KEYWORDS.len()] = {
    let mut rows: [(&[u8], Rows); KEYWORDS.len()] = [(&[], 0); KEYWORDS.len()];
    let mut index = 0;
    while index < KEYWORDS.len() {
        rows[index] = (KEYWORDS[index].name.as_bytes(), 1 << index);
        index += 1;
    }
    rows
};

/// The rows with a name of that length.
const OF_LENGTH: [Rows; LONGEST + 1] = {
    let mut of_length = [0; LONGEST + 1];
    let mut index = 0;
    while index < ROWS.len() {
        let (name, row) = ROWS[index];
        of_length[name.len()] |= row;
        index += 1;
    }
    of_length
};
const LONGEST: usize = "unevaluatedProperties".len();

/// The rows with a name that starts with that byte.
const OF_FIRST: [Rows; 128] = {
    let mut of_first = [0; 128];
    let mut index = 0;
    while index < ROWS.len() {
        let (name, row) = ROWS[index];
        of_first[name[0] as usize] |= row;
        index += 1;
    }
    of_first
};
