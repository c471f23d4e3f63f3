//! Surfaces of any size that look like real ones: every tool has its own words, five arguments of
//! different kinds, annotations and an output schema, about 1.4 kB each.

use std::fmt::Write;

const VERBS: [&str; 6] = ["get", "list", "find", "create", "update", "cancel"];
const NOUNS: [&str; 12] = [
    "order", "invoice", "parcel", "customer", "refund", "supplier", "contract", "ticket",
    "article", "warehouse", "payment", "discount",
];

/// A surface document with that many tools.
pub(crate) fn surface(tools: usize) -> String {
    let mut text = String::from(
        "{\"serverInfo\":{\"name\":\"synthetic\",\"version\":\"1.0.0\"},\"tools\":[\n",
    );
    for index in 0..tools {
        if index > 0 {
            text.push_str(",\n");
        }
        write_tool(index, &mut text);
    }
    text.push_str("\n]}\n");
    text
}

fn write_tool(index: usize, text: &mut String) {
    let verb = VERBS[index % VERBS.len()];
    let noun = NOUNS[index / VERBS.len() % NOUNS.len()];
    let section = index / (VERBS.len() * NOUNS.len());
    let reads = index % VERBS.len() < 3;
    // Writing to a string does not fail.
    let _ = write!(
        text,
        r#"{{"name":"{verb}_{noun}_{section}","title":"{verb} {noun}","description":"Use this to {verb} one {noun} of section {section} by its number. Answers with the {noun} and what was changed last; at most fifty lines of history, newest first.","annotations":{{"readOnlyHint":{reads},"destructiveHint":false,"idempotentHint":{reads},"openWorldHint":false}},"inputSchema":{{"type":"object","additionalProperties":false,"required":["{noun}_id"],"properties":{{"{noun}_id":{{"type":"string","pattern":"^[A-Z]{{2}}-[0-9]{{4,8}}$","description":"The number of the {noun}, for example AB-{index:04}."}},"state":{{"type":"string","enum":["open","paid","sent","closed"],"description":"Only what is in this state."}},"limit":{{"type":"integer","minimum":1,"maximum":50,"default":20,"description":"How many lines of history."}},"since":{{"type":"string","format":"date","description":"Only what changed on or after this day."}},"address":{{"type":"object","description":"Where it goes.","properties":{{"street":{{"type":"string"}},"city":{{"type":"string"}},"lines":{{"type":"array","items":{{"type":"string"}}}}}}}}}}}},"outputSchema":{{"type":"object","properties":{{"{noun}":{{"type":"object","properties":{{"id":{{"type":"string"}},"state":{{"type":"string"}},"total":{{"type":"number"}}}}}},"history":{{"type":"array","items":{{"type":"object","properties":{{"day":{{"type":"string","format":"date"}},"what":{{"type":"string"}}}}}}}}}},"required":["{noun}"]}}}}"#
    );
}
