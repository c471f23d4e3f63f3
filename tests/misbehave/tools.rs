//! What the fine server offers: three read-only tools of a lending library, a prompt, a resource
//! and a resource template, all of them as the linter likes them.

use serde_json::{Value, json};

use crate::answer::{Answer, refusal};

/// The three tools, in the order in which they are listed.
pub(crate) fn tools() -> Vec<Value> {
    vec![find_books(), get_book(), list_loans()]
}

/// A tool that no fine server has, for ways that need one more.
pub(crate) fn spare_tool(name: &str) -> Value {
    let mut tool = get_book();
    tool["name"] = json!(name);
    tool["title"] = json!("Spare");
    tool
}

fn find_books() -> Value {
    json!({
        "name": "find_books",
        "title": "Find books",
        "description": "Find books in the catalogue by words of the title or author. Use it when no \
            book id is known yet. Returns at most `limit` books and a cursor when there are more.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "words": {
                    "type": "string", "minLength": 1, "maxLength": 200,
                    "description": "Words to look for, for example `sea voyage`"
                },
                "limit": {
                    "type": "integer", "minimum": 1, "maximum": 50, "default": 10,
                    "description": "The largest number of books to return"
                },
                "cursor": {
                    "type": "string", "maxLength": 100,
                    "description": "`next_cursor` of the answer before this one"
                }
            },
            "required": ["words"],
            "additionalProperties": false
        },
        "outputSchema": {
            "type": "object",
            "properties": {
                "books": {"type": "array", "items": book_schema(), "description": "Best first"},
                "next_cursor": {"type": "string", "description": "Absent on the last page"}
            },
            "required": ["books"],
            "additionalProperties": false
        },
        "annotations": read_only()
    })
}

fn get_book() -> Value {
    json!({
        "name": "get_book",
        "title": "Get one book",
        "description": "Get one book of the catalogue by its id. Use it after `find_books` has \
            given the id. Returns its title, its author and how many copies are free.",
        "inputSchema": {
            "type": "object",
            "properties": {"book_id": book_id()},
            "required": ["book_id"],
            "additionalProperties": false
        },
        "outputSchema": book_schema(),
        "annotations": read_only()
    })
}

fn list_loans() -> Value {
    json!({
        "name": "list_loans",
        "title": "List loans",
        "description": "List the loans of one book that are still open. Use it to see when a copy \
            comes back. Returns at most `limit` loans, the earliest due date first.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "book_id": book_id(),
                "limit": {
                    "type": "integer", "minimum": 1, "maximum": 50, "default": 10,
                    "description": "The largest number of loans to return"
                }
            },
            "required": ["book_id"],
            "additionalProperties": false
        },
        "outputSchema": {
            "type": "object",
            "properties": {
                "loans": {
                    "type": "array",
                    "description": "Open loans, the earliest due date first",
                    "items": {
                        "type": "object",
                        "properties": {
                            "loan_id": {"type": "string", "description": "Id of the loan"},
                            "due": {"type": "string", "format": "date", "description": "Due date"}
                        },
                        "required": ["loan_id", "due"],
                        "additionalProperties": false
                    }
                }
            },
            "required": ["loans"],
            "additionalProperties": false
        },
        "annotations": read_only()
    })
}

fn book_schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "book_id": {"type": "string", "description": "Id of the book"},
            "title": {"type": "string", "description": "Title as printed"},
            "author": {"type": "string", "description": "Name of the first author"},
            "free_copies": {"type": "integer", "minimum": 0, "description": "Copies on the shelf"}
        },
        "required": ["book_id", "title", "author", "free_copies"],
        "additionalProperties": false
    })
}

fn book_id() -> Value {
    json!({
        "type": "string", "pattern": "^b-[0-9]{1,6}$", "examples": ["b-17"],
        "description": "Id of the book, for example `b-17`"
    })
}

fn read_only() -> Value {
    json!({
        "readOnlyHint": true, "destructiveHint": false, "idempotentHint": true,
        "openWorldHint": false
    })
}

/// The answer to `tools/call`.
pub(crate) fn call(params: &Value) -> Answer {
    let book =
        json!({"book_id": "b-17", "title": "By Sea", "author": "A. Sailor", "free_copies": 2});
    let name = params["name"].as_str().unwrap_or_default();
    let (argument, result) = match name {
        "find_books" => ("words", json!({"books": [book]})),
        "get_book" => ("book_id", book),
        "list_loans" => ("book_id", json!({"loans": [{"loan_id": "l-3", "due": "2026-12-01"}]})),
        _ => return refusal(-32602, &format!("unknown tool: {name}")),
    };
    let given = params["arguments"][argument].as_str().is_some_and(|value| !value.is_empty());
    let content = if given { result } else { missing(argument) };
    Ok(json!({
        "content": [{"type": "text", "text": content.to_string()}],
        "structuredContent": content,
        "isError": !given
    }))
}

fn missing(argument: &str) -> Value {
    json!({"error": {
        "code": "invalid_argument",
        "message": format!("`{argument}` must be a non-empty string"),
        "argument": format!("/{argument}"),
        "retryable": false,
        "effect": "none",
        "next": {"action": "fix_arguments", "hint": format!("send `{argument}` again as a string")}
    }})
}

pub(crate) fn prompts() -> Value {
    json!([{
        "name": "recommend",
        "title": "Recommend a book",
        "description": "Ask for one book that suits a taste",
        "arguments": [
            {"name": "taste", "description": "What the reader likes", "required": true}
        ]
    }])
}

pub(crate) fn prompt() -> Value {
    let text = "Recommend one book from the catalogue that suits this taste.";
    json!({"messages": [{"role": "user", "content": {"type": "text", "text": text}}]})
}

pub(crate) fn resources() -> Value {
    json!([{
        "uri": "library://rules", "name": "rules", "title": "House rules",
        "description": "How many books a member may borrow, and for how long",
        "mimeType": "text/plain"
    }])
}

pub(crate) fn resource() -> Value {
    let text = "Five books at most, for four weeks.";
    json!({"contents": [{"uri": "library://rules", "mimeType": "text/plain", "text": text}]})
}

pub(crate) fn resource_templates() -> Value {
    json!([{
        "uriTemplate": "library://books/{book_id}", "name": "book", "title": "One book",
        "description": "The catalogue card of one book", "mimeType": "application/json"
    }])
}
