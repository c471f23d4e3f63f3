use super::{Sdk, render};
use crate::engine::{
    finding::Applicability,
    protocol::json::Limits,
    rule::{Profile, Selection, repair::foresee, run},
    surface::{self, Surface},
};

fn list(text: &str, up_to: Applicability, sdk: Option<Sdk>) -> String {
    let surface = surface::read(text.as_bytes(), &Limits::default()).unwrap();
    let selection = Selection::of(Profile::Recommended);
    let judge = |surface: &Surface| run(surface, &selection);
    let foreseen = foresee(text, &Limits::default(), &selection, judge).unwrap();
    let list = render(&surface, Some(foreseen.after(up_to)), sdk);
    list.replace("\u{1b}[1m", "").replace("\u{1b}[0m", "")
}

const TOOL: &str = r#"{"tools": [{
    "name": "create_berth", "description": "Creates a berth.\u200b",
    "inputSchema": {"type": "object", "required": ["side"], "properties": {
        "side": {"type": "string", "description": "Side, one of: port, starboard"},
        "limit": {"type": "integer", "description": "How many", "default": "20"}
    }}
}]}"#;

#[test]
fn each_sdk_has_its_own_lines() {
    let all = list(TOOL, Applicability::Unsafe, None);
    insta::assert_snapshot!(all, @r##"

    what to write

    create_berth
      schema/default-invalid: give the default 20 (unsafe)
      security/hidden-unicode: take out 1 hidden character
      schema/enum-candidate: list the values of the description in `enum` (unsafe)
      write/no-idempotency-key: add an argument `idempotency_key`; the server has to honour it (unsafe)
      write/unannotated: say that the tool writes, as its words do (unsafe)
        rust:
          #[tool(description = "Creates a berth.", annotations(read_only_hint = false))]
          #[schemars(description = "Reuse the same key when you repeat this request; a new key only for a different change")]
          pub idempotency_key: Option<String>,
          #[schemars(extend("default" = 20))]
          pub limit: Option<i64>,
          #[schemars(extend("enum" = ["port", "starboard"]))]
          pub side: String,
        python:
          @mcp.tool(description="Creates a berth.", annotations=ToolAnnotations(readOnlyHint=False))
          idempotency_key: Annotated[str | None, Field(description="Reuse the same key when you repeat this request; a new key only for a different change")] = None,
          limit: Annotated[int, Field(description="How many")] = 20,
          side: Annotated[Literal["port", "starboard"], Field(description="Side, one of: port, starboard")],
        typescript:
          server.registerTool("create_berth", { description: "Creates a berth.", annotations: {readOnlyHint: false} }, …)
          idempotency_key: z.string().optional().describe("Reuse the same key when you repeat this request; a new key only for a different change"),
          limit: z.int().default(20).describe("How many"),
          side: z.enum(["port", "starboard"]).describe("Side, one of: port, starboard"),
    "##);
}

#[test]
fn without_unsafe_fixes_only_what_is_safe_is_listed() {
    let safe = list(TOOL, Applicability::Safe, Some(Sdk::Rust));
    insta::assert_snapshot!(safe, @r#"

    what to write

    create_berth
      security/hidden-unicode: take out 1 hidden character
          #[tool(description = "Creates a berth.")]
    "#);
}

#[test]
fn a_program_tells_its_language() {
    for (command, sdk) in [
        ("uvx", Some(Sdk::Python)),
        ("/usr/bin/python3.12", Some(Sdk::Python)),
        ("npx", Some(Sdk::TypeScript)),
        ("C:\\node\\node.exe", Some(Sdk::TypeScript)),
        ("./target/debug/server", Some(Sdk::Rust)),
        ("some-server", None),
        ("", None),
    ] {
        assert_eq!(Sdk::of_program(command), sdk, "{command}");
    }
}

#[test]
fn what_a_server_sends_is_escaped_and_cut() {
    let long = "Creates it. ".repeat(10_000);
    let text = TOOL
        .replace("Creates a berth.", &format!("{long}\\u001b[31m"))
        .replace("\"side\"", "\"si\\u202ede\"");
    let all = list(&text, Applicability::Unsafe, None);
    assert!(!all.contains(['\u{1b}', '\u{202e}', '\u{200b}']), "{all}");
    assert!(all.len() < 100_000, "{} bytes", all.len());
}

/// Names and values that mean something in a language, or end a text in it.
const HOSTILE: &str = r##"{"tools": [{
    "name": "list_berths",
    "description": "Lists the berths\u200b of \"one\"\u2028pier.\nAll of them.",
    "annotations": {"readOnlyHint": true, "o) ; import os": 1, "__proto__": {"a": null}, "title": "Berths\u200b"},
    "inputSchema": {"type": "object", "properties": {
        "class": {"type": "string", "description": "One\u200b class."},
        "type": {"type": "string", "description": "One\u200b type."},
        "self": {"type": "string", "description": "One\u200b self."},
        "3d": {"type": "string", "description": "One\u200b depth."},
        "": {"type": "string", "description": "One\u200b nothing."},
        "a-b": {"type": ["string", "null"], "maxLength": 3, "description": "One\u200b dash."},
        "a_b": {"type": "object", "default": {"a": true, "b": null}, "description": "One\u200b line."},
        "__proto__": {"enum": [{"x": true}], "description": "One\u200b prototype."},
        "x): pass\nimport os #": {"type": ["string", "integer"], "maxLength": 3, "description": "One\u200b code."}
    }}
}]}"##;

#[test]
fn nothing_of_a_server_ends_a_line_of_code() {
    insta::assert_snapshot!(list(HOSTILE, Applicability::Safe, None), @r##"

    what to write

    list_berths
      security/hidden-unicode: take out 1 hidden character
        rust:
          #[tool(description = "Lists the berths of \"one\"\u{2028}pier.\nAll of them.", annotations(read_only_hint = true, title = "Berths"))] // without __proto__, o) ; import os
          #[serde(rename = "")]
          #[schemars(description = "One nothing.")]
          pub argument: Option<String>,
          #[serde(rename = "3d")]
          #[schemars(description = "One depth.")]
          pub argument_3d: Option<String>,
          #[schemars(description = "One prototype.")]
          pub __proto__: Option<serde_json::Value>,
          #[serde(rename = "a-b")]
          #[schemars(description = "One dash.")]
          pub a_b_2: Option<String>,
          #[schemars(description = "One line.")]
          pub a_b: Option<serde_json::Value>,
          #[schemars(description = "One class.")]
          pub class: Option<String>,
          #[serde(rename = "self")]
          #[schemars(description = "One self.")]
          pub self_: Option<String>,
          #[schemars(description = "One type.")]
          pub r#type: Option<String>,
          #[serde(rename = "x): pass\nimport os #")]
          #[schemars(description = "One code.")]
          pub x_pass_import_os: Option<serde_json::Value>,
        python:
          @mcp.tool(description="Lists the berths of \"one\"\u2028pier.\nAll of them.", annotations=ToolAnnotations(readOnlyHint=True, title="Berths", **{"__proto__": {"a": None}, "o) ; import os": 1}))
          argument: Annotated[str | None, Field(alias="", description="One nothing.")] = None,
          argument_3d: Annotated[str | None, Field(alias="3d", description="One depth.")] = None,
          proto: Annotated[Any | None, Field(alias="__proto__", description="One prototype.", json_schema_extra={"enum": [{"x": True}]})] = None,
          a_b_2: Annotated[str | None, Field(alias="a-b", description="One dash.", max_length=3)] = None,
          a_b: Annotated[dict[str, Any], Field(description="One line.")] = {"a": True, "b": None},
          class_: Annotated[str | None, Field(alias="class", description="One class.")] = None,
          self: Annotated[str | None, Field(description="One self.")] = None,
          type: Annotated[str | None, Field(description="One type.")] = None,
          x_pass_import_os: Annotated[Any | None, Field(alias="x): pass\nimport os #", description="One code.", max_length=3)] = None,
        typescript:
          server.registerTool("list_berths", { description: "Lists the berths of \"one\"\u2028pier.\nAll of them.", annotations: {["__proto__"]: {a: null}, "o) ; import os": 1, readOnlyHint: true, title: "Berths"} }, …)
          "": z.string().optional().describe("One nothing."),
          "3d": z.string().optional().describe("One depth."),
          ["__proto__"]: z.unknown().optional().describe("One prototype."), // to be checked by hand: enum [{x: true}]
          "a-b": z.string().max(3).nullable().optional().describe("One dash."),
          a_b: z.looseObject({ … }).default({a: true, b: null}).describe("One line."),
          class: z.string().optional().describe("One class."),
          self: z.string().optional().describe("One self."),
          type: z.string().optional().describe("One type."),
          "x): pass\nimport os #": z.unknown().optional().describe("One code."), // to be checked by hand: maxLength 3
    "##);
}

#[test]
fn fixes_that_meet_are_in_the_same_lines() {
    let text = r#"{"tools": [{
        "name": "delete_berth", "description": "Deletes a berth for good.",
        "annotations": {"readOnlyHint": true, "title": "Berth\u200b"}
    }]}"#;
    insta::assert_snapshot!(list(text, Applicability::Unsafe, Some(Sdk::Python)), @r##"

    what to write

    delete_berth
      schema/root-not-object: add an input schema that takes any object (unsafe)
      write/readonly-lie: say `readOnlyHint: false` (unsafe)
      security/hidden-unicode: take out 1 hidden character
      write/no-idempotency-key: say `idempotentHint: true` (unsafe)
          @mcp.tool(annotations=ToolAnnotations(idempotentHint=True, readOnlyHint=False, title="Berth"))
    "##);
}

#[test]
fn a_text_is_written_whole_or_said_to_be_cut() {
    let long = "Creates it in the harbour. ".repeat(20);
    let text = TOOL.replace("Creates a berth.", &long);
    let all = list(&text, Applicability::Safe, Some(Sdk::Python));
    assert!(all.contains(&format!("description=\"{long}\"")), "{all}");
    assert!(!all.contains("cut"), "{all}");
    let text = TOOL.replace("Creates a berth.", &long.repeat(100));
    let all = list(&text, Applicability::Safe, Some(Sdk::Python));
    assert!(all.contains("texts are cut after 16,384 characters"), "{}", all.len());
}
