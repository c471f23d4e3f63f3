//! Completion of the arguments of a prompt and of a resource template.

use rmcp::{ErrorData, model::*};

use super::{prompt, resource};

const WORDS: [&str; 4] = ["paris", "park", "party", "test"];
const IDS: [&str; 3] = ["1", "12", "123"];

/// Values that begin like what has been typed.
///
/// # Errors
///
/// Where the prompt or the template is not there.
pub(super) fn complete(request: &CompleteRequestParams) -> Result<CompleteResult, ErrorData> {
    let (is_there, values) = match &request.r#ref {
        Reference::Prompt(prompt) => {
            (prompt::list().iter().any(|other| other.name == prompt.name), &WORDS[..])
        }
        Reference::Resource(template) => {
            (resource::templates().iter().any(|other| other.uri_template == template.uri), &IDS[..])
        }
        _ => (false, &[][..]),
    };
    if !is_there {
        return Err(ErrorData::invalid_params("there is no prompt or template of this name", None));
    }
    let typed = request.argument.value.as_str();
    let values = values.iter().filter(|value| value.starts_with(typed));
    let values = values.map(|value| (*value).to_owned()).collect();
    let values = CompletionInfo::with_all_values(values)
        .map_err(|fault| ErrorData::internal_error(fault, None))?;
    Ok(CompleteResult::new(values))
}
