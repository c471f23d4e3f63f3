//! What the rules about keywords for one provider share.

use crate::engine::{
    rule::{Hit, wording},
    schema::Walk,
    surface::Tool,
};

/// One hit for each refused keyword in a tool's input schema. Definitions count even where nothing
/// refers to them: a provider looks at all that is sent.
pub(super) fn judge(tool: &Tool, refused: &[&str], consequence: &str) -> Vec<Hit> {
    let Some(schema) = tool.input_schema().filter(|schema| schema.is_object()) else {
        return Vec::new();
    };
    let walk = Walk::of(schema);
    let mut labels_of: Vec<Vec<String>> = vec![Vec::new(); refused.len()];
    for subschema in walk.iter() {
        for (keyword, labels) in refused.iter().zip(&mut labels_of) {
            if subschema.get(keyword).is_some() {
                labels.push(subschema.label());
            }
        }
    }
    let found = refused.iter().zip(labels_of).filter(|(_, labels)| !labels.is_empty());
    found
        .map(|(keyword, labels)| {
            let message = format!("has `{keyword}`, which {consequence}");
            let parts = labels.iter().map(|label| format!("{label}: {keyword}"));
            let hit = Hit::new(tool.pointer.join("inputSchema"), message);
            hit.note(wording::names(&labels)).parts(parts)
        })
        .collect()
}
