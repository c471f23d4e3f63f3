//! Resources: a text, a picture, one that can be subscribed to, and a template.

use rmcp::{ErrorData, model::*};
use serde_json::json;

use super::sample;

const TEXT: &str = "test://static-text";
const BINARY: &str = "test://static-binary";
const WATCHED: &str = "test://watched-resource";
const TEMPLATE: &str = "test://template/{id}/data";

pub(super) fn list() -> Vec<Resource> {
    let text = |uri, name, description| {
        Resource::new(uri, name).with_description(description).with_mime_type("text/plain")
    };
    vec![
        text(TEXT, "static-text", "A text that stays the same."),
        Resource::new(BINARY, "static-binary")
            .with_description("A picture that stays the same.")
            .with_mime_type(sample::IMAGE_TYPE),
        text(WATCHED, "watched-resource", "A text that can be subscribed to."),
    ]
}

pub(super) fn templates() -> Vec<ResourceTemplate> {
    vec![
        ResourceTemplate::new(TEMPLATE, "template-data")
            .with_description("What is known about an id.")
            .with_mime_type("application/json"),
    ]
}

/// What a resource has in it.
///
/// # Errors
///
/// Where there is none of this name; with the name, as the specification asks (SEP-2164).
pub(super) fn read(uri: &str) -> Result<ReadResourceResult, ErrorData> {
    let text = |text: &str| ResourceContents::text(text, uri).with_mime_type("text/plain");
    let contents = match uri {
        TEXT => text("This is the content of the static text resource."),
        BINARY => ResourceContents::blob(sample::IMAGE, uri).with_mime_type(sample::IMAGE_TYPE),
        WATCHED => text("This is the content of the watched resource."),
        _ => {
            let id = id(uri).ok_or_else(|| {
                ErrorData::resource_not_found("resource not found", Some(json!({"uri": uri})))
            })?;
            let data =
                json!({"id": id, "templateTest": true, "data": format!("Data for ID: {id}")});
            ResourceContents::text(data.to_string(), uri).with_mime_type("application/json")
        }
    };
    Ok(ReadResourceResult::new(vec![contents]))
}

/// The id in an address of the template.
fn id(uri: &str) -> Option<&str> {
    let (before, after) = TEMPLATE.split_once("{id}")?;
    let id = uri.strip_prefix(before)?.strip_suffix(after)?;
    (!id.is_empty() && !id.contains('/')).then_some(id)
}

#[cfg(test)]
mod tests {
    use rmcp::model::ErrorCode;

    use super::{list, read};

    #[test]
    fn every_listed_resource_can_be_read() {
        for resource in list() {
            assert_eq!(read(&resource.uri).unwrap().contents.len(), 1, "{}", resource.uri);
        }
        assert!(read("test://template/123/data").is_ok());
    }

    #[test]
    fn what_is_not_there_is_named_in_the_error() {
        for uri in ["test://nowhere", "test://template//data", "test://template/a/b/data", ""] {
            let error = read(uri).unwrap_err();
            assert_eq!(error.code, ErrorCode::RESOURCE_NOT_FOUND, "{uri}");
            assert_eq!(error.data.unwrap()["uri"], uri);
        }
    }
}
