//! Surfaces of any size that look like real ones: every tool has its own words, five arguments of
//! different kinds, annotations and an output schema, about 1.4 kB each.

use std::fmt::Write;

const VERBS: [&str; 6] = ["get", "list", "find", "create", "update", "cancel"];
const NOUNS: [&str; 12] = [
    "order", "invoice", "parcel", "customer", "refund", "supplier", "contract", "ticket",
    "article", "warehouse", "payment", "discount",
];

/// What a later version of a surface has changed. Edited tools are spread evenly over the list.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Edits {
    /// So many tools got a new required argument.
    pub(crate) required: usize,
    /// So many other tools got another description.
    pub(crate) described: usize,
    /// Every input schema is another: a third accepts more, a third less, a third the same.
    pub(crate) every_schema: bool,
}

/// What is edited in one tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Edit {
    None,
    Required,
    Described,
    Widened,
    Narrowed,
    Respelled,
}

impl Edits {
    fn of(self, index: usize, tools: usize) -> Edit {
        if self.every_schema {
            return [Edit::Widened, Edit::Narrowed, Edit::Respelled][index % 3];
        }
        // The tools whose share of the edits begins with them.
        let edits = self.required + self.described;
        let before = index * edits / tools;
        if (index + 1) * edits / tools == before {
            Edit::None
        } else if before < self.required {
            Edit::Required
        } else {
            Edit::Described
        }
    }
}

/// A surface document with that many tools.
pub(crate) fn surface(tools: usize, edits: Edits) -> String {
    let mut text = String::from(
        "{\"serverInfo\":{\"name\":\"synthetic\",\"version\":\"1.0.0\"},\"tools\":[\n",
    );
    for index in 0..tools {
        if index > 0 {
            text.push_str(",\n");
        }
        write_tool(index, edits.of(index, tools), &mut text);
    }
    text.push_str("\n]}\n");
    text
}

fn write_tool(index: usize, edit: Edit, text: &mut String) {
    let verb = VERBS[index % VERBS.len()];
    let noun = NOUNS[index / VERBS.len() % NOUNS.len()];
    let section = index / (VERBS.len() * NOUNS.len());
    let reads = index % VERBS.len() < 3;
    let lines = if edit == Edit::Described { "twenty" } else { "fifty" };
    let (required, tenant) = match edit {
        Edit::Required => (
            r#","tenant""#,
            r#","tenant":{"type":"string","minLength":1,"description":"Whose it is."}"#,
        ),
        _ => ("", ""),
    };
    let digits = if edit == Edit::Narrowed { "4,7" } else { "4,8" };
    let maximum = if edit == Edit::Widened { "100" } else { "50" };
    let minimum =
        if edit == Edit::Respelled { r#""exclusiveMinimum":0"# } else { r#""minimum":1"# };
    // Writing to a string does not fail.
    let _ = write!(
        text,
        r#"{{"name":"{verb}_{noun}_{section}","title":"{verb} {noun}","description":"Use this to {verb} one {noun} of section {section} by its number. Answers with the {noun} and what was changed last; at most {lines} lines of history, newest first.","annotations":{{"readOnlyHint":{reads},"destructiveHint":false,"idempotentHint":{reads},"openWorldHint":false}},"inputSchema":{{"type":"object","additionalProperties":false,"required":["{noun}_id"{required}],"properties":{{"{noun}_id":{{"type":"string","pattern":"^[A-Z]{{2}}-[0-9]{{{digits}}}$","description":"The number of the {noun}, for example AB-{index:04}."}},"state":{{"type":"string","enum":["open","paid","sent","closed"],"description":"Only what is in this state."}},"limit":{{"type":"integer",{minimum},"maximum":{maximum},"default":20,"description":"How many lines of history."}},"since":{{"type":"string","format":"date","description":"Only what changed on or after this day."}},"address":{{"type":"object","description":"Where it goes.","properties":{{"street":{{"type":"string"}},"city":{{"type":"string"}},"lines":{{"type":"array","items":{{"type":"string"}}}}}}}}{tenant}}}}},"outputSchema":{{"type":"object","properties":{{"{noun}":{{"type":"object","properties":{{"id":{{"type":"string"}},"state":{{"type":"string"}},"total":{{"type":"number"}}}}}},"history":{{"type":"array","items":{{"type":"object","properties":{{"day":{{"type":"string","format":"date"}},"what":{{"type":"string"}}}}}}}}}},"required":["{noun}"]}}}}"#
    );
}
