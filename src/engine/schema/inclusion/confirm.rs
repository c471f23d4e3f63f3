//! The last word on a witness: an independent validator must accept it on one side and refuse it on
//! the other.

use jsonschema::Validator;
use serde_json::Value;

use super::document::Document;
use crate::engine::schema::Dialect;

/// Validators of the two sides of a question.
#[derive(Debug)]
pub(super) struct Confirmation {
    /// Sending and accepting. Where the meaning of something is not known there are two of each: one
    /// takes it for a schema that accepts everything, one for a schema that accepts nothing.
    pairs: Vec<(Validator, Validator)>,
}

impl Confirmation {
    /// Builds the validators; none where a schema defies them.
    pub(super) fn new(
        sending: &Document<'_>,
        accepting: &Document<'_>,
        has_unknown: bool,
        assert_formats: bool,
    ) -> Option<Self> {
        let build = |document: &Document<'_>, schema: &Value| {
            jsonschema::options()
                .with_draft(draft(document.dialect))
                .should_validate_formats(assert_formats)
                // Asserted in drafts 6 and 7 only, and annotations to the search.
                .without_content_media_type_support("application/json")
                .without_content_encoding_support("base64")
                .build(schema)
                .ok()
        };
        let pairs = if has_unknown {
            [true, false]
                .iter()
                .map(|accepts| {
                    let sender = build(sending, &sending.with_unknown_as(*accepts, accepting))?;
                    let acceptor = build(accepting, &accepting.with_unknown_as(*accepts, sending))?;
                    Some((sender, acceptor))
                })
                .collect::<Option<Vec<_>>>()?
        } else {
            vec![(build(sending, sending.value())?, build(accepting, accepting.value())?)]
        };
        Some(Self { pairs })
    }

    /// Whether the instance is accepted by the one and refused by the other.
    pub(super) fn confirms(&self, instance: &Value) -> bool {
        let mut pairs = self.pairs.iter();
        pairs.all(|(sender, acceptor)| sender.is_valid(instance) && !acceptor.is_valid(instance))
    }
}

pub(super) fn draft(dialect: Dialect) -> jsonschema::Draft {
    match dialect {
        Dialect::Draft4 => jsonschema::Draft::Draft4,
        Dialect::Draft6 => jsonschema::Draft::Draft6,
        Dialect::Draft7 => jsonschema::Draft::Draft7,
        Dialect::Draft2019 => jsonschema::Draft::Draft201909,
        Dialect::Draft2020 => jsonschema::Draft::Draft202012,
    }
}
