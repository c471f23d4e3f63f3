//! Tools that answer with some content and do nothing else.

use rmcp::model::*;
use serde_json::{Value, json};

use super::{
    super::sample::{IMAGE, IMAGE_TYPE, SOUND, SOUND_TYPE},
    Answer, Call, Definition, nothing, text,
};

pub(super) const TOOLS: &[Definition] = &[
    Definition {
        name: "test_simple_text",
        description: "Returns a text.",
        input_schema: nothing,
        answer: |_| Box::pin(async { text("This is a simple text response for testing.") }),
    },
    Definition {
        name: "test_image_content",
        description: "Returns a picture.",
        input_schema: nothing,
        answer: |_| Box::pin(async { success(vec![ContentBlock::image(IMAGE, IMAGE_TYPE)]) }),
    },
    Definition {
        name: "test_audio_content",
        description: "Returns a sound.",
        input_schema: nothing,
        answer: |_| Box::pin(async { success(vec![ContentBlock::audio(SOUND, SOUND_TYPE)]) }),
    },
    Definition {
        name: "test_embedded_resource",
        description: "Returns a resource.",
        input_schema: nothing,
        answer: |_| {
            Box::pin(async {
                let text = "This is an embedded resource content.";
                success(vec![resource("test://embedded-resource", "text/plain", text)])
            })
        },
    },
    Definition {
        name: "test_multiple_content_types",
        description: "Returns a text, a picture and a resource.",
        input_schema: nothing,
        answer: |_| {
            Box::pin(async {
                let data = json!({"test": "data", "value": 123}).to_string();
                success(vec![
                    ContentBlock::text("Multiple content types test:"),
                    ContentBlock::image(IMAGE, IMAGE_TYPE),
                    resource("test://mixed-content-resource", "application/json", &data),
                ])
            })
        },
    },
    Definition {
        name: "test_error_handling",
        description: "Fails, always.",
        input_schema: nothing,
        answer: |_| {
            Box::pin(async {
                let text = "This tool intentionally returns an error for testing";
                Ok(CallToolResult::error(vec![ContentBlock::text(text)]).into())
            })
        },
    },
    Definition {
        name: "json_schema_2020_12_tool",
        description: "Has an input schema with many keywords of JSON Schema 2020-12.",
        input_schema: many_keywords,
        answer: |call| Box::pin(greet(call)),
    },
    Definition {
        name: "test_header_parameter",
        description: "Has a parameter that its caller repeats in a header of HTTP.",
        input_schema: with_header,
        answer: |call| Box::pin(async move { text(format!("Region: {}", call.text("region"))) }),
    },
];

fn success(content: Vec<ContentBlock>) -> Answer {
    Ok(CallToolResult::success(content).into())
}

fn resource(uri: &str, kind: &str, text: &str) -> ContentBlock {
    ContentBlock::resource(ResourceContents::text(text, uri).with_mime_type(kind))
}

/// What the suite looks for in the list, keyword by keyword (SEP-1613, SEP-2106).
fn many_keywords() -> Value {
    let text = json!({"type": "string"});
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": {"address": {
            "$anchor": "addressDef", "type": "object", "properties": {"street": text, "city": text},
        }},
        "properties": {
            "name": text,
            "address": {"$ref": "#/$defs/address"},
            "contactMethod": {"type": "string", "enum": ["phone", "email"]},
            "phone": text,
            "email": text,
        },
        "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
        "if": {
            "properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"],
        },
        "then": {"required": ["phone"]},
        "else": {"required": ["email"]},
        "additionalProperties": false,
    })
}

async fn greet(call: Call) -> Answer {
    text(format!("Hello, {}!", call.text("name")))
}

/// A parameter that travels in a header as well (SEP-2243).
fn with_header() -> Value {
    json!({
        "type": "object",
        "properties": {"region": {
            "type": "string", "description": "A region.", "x-mcp-header": "Region",
        }},
        "required": ["region"],
        "additionalProperties": false,
    })
}
