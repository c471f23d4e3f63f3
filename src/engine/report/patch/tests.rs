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
    let list = render(&surface, Some(foreseen.after(up_to)), sdk, 0);
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
      security/hidden-unicode: take out 1 hidden character
      schema/default-invalid: give the default 20 (unsafe)
      schema/enum-candidate: list the values of the description in `enum` (unsafe)
      write/no-idempotency-key: add an argument `idempotency_key`; the server has to honour it (unsafe)
      write/unannotated: say that the tool writes, as its words do (unsafe)
        rust:
          #[tool(description = "Creates a berth.", annotations(read_only_hint = false))]
          #[schemars(description = "Reuse the same key when you repeat this request; a new key only for a different change")]
          pub idempotency_key: Option<String>,
          #[schemars(extend("default" = 20), description = "How many")]
          pub limit: Option<i64>,
          #[schemars(description = "Side, one of: port, starboard", extend("enum" = ["port", "starboard"]))]
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
    "description": "Lists the berths\u200b of \"one\" pier.\nAll of them.",
    "annotations": {"readOnlyHint": true, "o) ;\u2028import os": 1, "__proto__": {"a": null}, "title": "Berths\u200b"},
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
          #[tool(description = "Lists the berths of \"one\" pier.\nAll of them.", annotations(read_only_hint = true, title = "Berths"))] // without __proto__, o) ;\u{2028}import os
          #[serde(rename = "")]
          #[schemars(description = "One nothing.")]
          pub argument: Option<String>,
          #[serde(rename = "3d")]
          #[schemars(description = "One depth.")]
          pub argument_3d: Option<String>,
          #[schemars(description = "One prototype.", extend("enum" = [{"x": true}]))]
          pub __proto__: Option<serde_json::Value>,
          #[serde(rename = "a-b")]
          #[schemars(description = "One dash.", extend("maxLength" = 3))]
          pub a_b_2: Option<String>,
          #[schemars(extend("default" = {"a": true, "b": null}), description = "One line.", extend("type" = "object"))]
          pub a_b: Option<serde_json::Value>,
          #[schemars(description = "One class.")]
          pub class: Option<String>,
          #[serde(rename = "self")]
          #[schemars(description = "One self.")]
          pub self_: Option<String>,
          #[schemars(description = "One type.")]
          pub r#type: Option<String>,
          #[serde(rename = "x): pass\nimport os #")]
          #[schemars(description = "One code.", extend("maxLength" = 3), extend("type" = ["string", "integer"]))]
          pub x_pass_import_os: Option<serde_json::Value>,
        python:
          @mcp.tool(description="Lists the berths of \"one\" pier.\nAll of them.", annotations=ToolAnnotations(readOnlyHint=True, title="Berths", **{"__proto__": {"a": None}, "o) ;\u2028import os": 1}))
          argument: Annotated[str | None, Field(alias="", description="One nothing.")] = None,
          argument_3d: Annotated[str | None, Field(alias="3d", description="One depth.")] = None,
          proto: Annotated[Any | None, Field(alias="__proto__", description="One prototype.", json_schema_extra={"enum": [{"x": True}]})] = None,
          a_b_2: Annotated[str | None, Field(alias="a-b", description="One dash.", max_length=3)] = None,
          a_b: Annotated[dict[str, Any], Field(description="One line.")] = {"a": True, "b": None},
          class_: Annotated[str | None, Field(alias="class", description="One class.")] = None,
          self: Annotated[str | None, Field(description="One self.")] = None,
          type: Annotated[str | None, Field(description="One type.")] = None,
          x_pass_import_os: Annotated[str | int | None, Field(alias="x): pass\nimport os #", description="One code.")] = None,  # the schema also says {"maxLength": 3}
        typescript:
          server.registerTool("list_berths", { description: "Lists the berths of \"one\" pier.\nAll of them.", annotations: {["__proto__"]: {a: null}, "o) ;\u2028import os": 1, readOnlyHint: true, title: "Berths"} }, …)
          "": z.string().optional().describe("One nothing."),
          "3d": z.string().optional().describe("One depth."),
          ["__proto__"]: z.unknown().optional().describe("One prototype."), // the schema also says {"enum": [{"x": true}]}
          "a-b": z.string().max(3).nullable().optional().describe("One dash."),
          a_b: z.looseObject({ … }).default({a: true, b: null}).describe("One line."),
          class: z.string().optional().describe("One class."),
          self: z.string().optional().describe("One self."),
          type: z.string().optional().describe("One type."),
          "x): pass\nimport os #": z.union([z.string(), z.int()]).optional().describe("One code."), // the schema also says {"maxLength": 3}
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
      security/hidden-unicode: take out 1 hidden character
      schema/root-not-object: add an input schema that takes any object (unsafe)
      write/readonly-lie: say `readOnlyHint: false` (unsafe)
      write/no-idempotency-key: say `idempotentHint: true` (unsafe)
          @mcp.tool(annotations=ToolAnnotations(idempotentHint=True, readOnlyHint=False, title="Berth"))
          # elsewhere in the tool, as a JSON merge patch: {"inputSchema": {"type": "object"}}
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

/// What no SDK has a word for, numbers that 64 bits do not hold, and fixes below an argument and
/// beside the arguments.
const BEYOND: &str = r#"{"tools": [{
    "name": "get_berth", "description": "Gets one berth of the harbour.",
    "execution": {"taskSupport": "optional"},
    "inputSchema": {"type": "object", "required": ["only"], "properties": {
        "big": {"type": "integer", "default": 12345678901234567890123, "minimum": -1e400, "description": "One\u200b size."},
        "choice": {"anyOf": [{"type": "string"}, {"type": "integer"}], "description": "One\u200b choice."},
        "either": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}], "description": "One\u200b either."},
        "many": {"type": "array", "uniqueItems": true, "items": {"type": "string", "minLength": 1}, "description": "One\u200b list."},
        "nested": {"type": "object", "additionalProperties": false, "required": ["inner"], "properties": {
            "inner": {"type": "string", "default": "a\u2028b", "description": "Inner\u200b text."}
        }},
        "only": {"const": "only", "description": "One\u200b value."},
        "safe": {"type": "integer", "default": 9007199254740993, "maximum": 3000000000, "description": "One\u200b number."},
        "titled": {"type": "string", "title": "Berth\u200b", "examples": ["a"], "deprecated": true},
        "when": {"type": "string", "format": "date-time", "description": "One\u200b time."}
    }},
    "outputSchema": {"type": "object", "properties": {"name": {"type": "string", "description": "Its\u200b name."}}}
}]}"#;

#[test]
fn what_a_line_does_not_say_is_in_a_comment() {
    insta::assert_snapshot!(list(BEYOND, Applicability::Safe, None), @r##"

    what to write

    get_berth
      security/hidden-unicode: take out 1 hidden character
      spec/removed-field: take out `execution`
        rust:
          #[schemars(description = "One size.")]
          // the schema also says {"default": 12345678901234567890123, "minimum": -1e400}
          pub big: Option<i64>,
          #[schemars(extend("anyOf" = [{"type": "string"}, {"type": "integer"}]), description = "One choice.")]
          pub choice: Option<serde_json::Value>,
          #[schemars(extend("anyOf" = [{"format": "date", "type": "string"}, {"type": "null"}]), description = "One either.")]
          pub either: Option<String>,
          #[schemars(description = "One list.", extend("items" = {"minLength": 1, "type": "string"}), extend("uniqueItems" = true))]
          pub many: Option<Vec<String>>,
          #[schemars(extend("additionalProperties" = false), extend("properties" = {"inner": {"default": "a\u{2028}b", "description": "Inner text.", "type": "string"}}), extend("required" = ["inner"]), extend("type" = "object"))]
          pub nested: Option<serde_json::Value>,
          #[schemars(extend("const" = "only"), description = "One value.")]
          pub only: serde_json::Value,
          #[schemars(extend("default" = 9007199254740993_i64), description = "One number.", extend("maximum" = 3000000000_i64))]
          pub safe: Option<i64>,
          #[schemars(extend("deprecated" = true), extend("examples" = ["a"]), title = "Berth")]
          pub titled: Option<String>,
          #[schemars(description = "One time.", extend("format" = "date-time"))]
          pub when: Option<String>,
          // elsewhere in the tool, as a JSON merge patch: {"execution": null, "outputSchema": {"properties": {"name": {"description": "Its name."}}}}
        python:
          big: Annotated[int, Field(description="One size.")] = …,  # the schema also says {"default": 12345678901234567890123, "minimum": -1e400}
          choice: Annotated[str | int | None, Field(description="One choice.")] = None,
          either: Annotated[str | None, Field(description="One either.")] = None,  # the schema also says {"anyOf": [{"format": "date", "type": "string"}, {"type": "null"}]}
          many: Annotated[list[str] | None, Field(description="One list.")] = None,  # the schema also says {"items": {"minLength": 1}, "uniqueItems": true}
          nested: dict[str, Any] | None = None,  # the schema also says {"additionalProperties": false, "properties": {"inner": {"default": "a\u2028b", "description": "Inner text.", "type": "string"}}, "required": ["inner"]}
          only: Annotated[Literal["only"], Field(description="One value.")],
          safe: Annotated[int, Field(description="One number.", le=3000000000)] = 9007199254740993,
          titled: Annotated[str | None, Field(title="Berth", examples=["a"], deprecated=True)] = None,
          when: Annotated[str | None, Field(description="One time.")] = None,  # the schema also says {"format": "date-time"}
          # elsewhere in the tool, as a JSON merge patch: {"execution": null, "outputSchema": {"properties": {"name": {"description": "Its name."}}}}
        typescript:
          big: z.int().default(…).describe("One size."), // the schema also says {"default": 12345678901234567890123, "minimum": -1e400}
          choice: z.union([z.string(), z.int()]).optional().describe("One choice."),
          either: z.string().nullable().optional().describe("One either."), // the schema also says {"anyOf": [{"format": "date", "type": "string"}, {"type": "null"}]}
          many: z.array(z.string()).optional().describe("One list."), // the schema also says {"items": {"minLength": 1}, "uniqueItems": true}
          nested: z.strictObject({ … }).optional(), // the schema also says {"properties": {"inner": {"default": "a\u2028b", "description": "Inner text.", "type": "string"}}, "required": ["inner"]}
          only: z.enum(["only"]).describe("One value."),
          safe: z.int().max(3000000000).default(…).describe("One number."), // the schema also says {"default": 9007199254740993}
          titled: z.string().optional().meta({ title: "Berth", examples: ["a"], deprecated: true }),
          when: z.string().optional().describe("One time."), // the schema also says {"format": "date-time"}
          // elsewhere in the tool, as a JSON merge patch: {"execution": null, "outputSchema": {"properties": {"name": {"description": "Its name."}}}}
    "##);
}

/// Whatever the schema is, no part of it is silently left out.
#[test]
fn no_keyword_gets_lost() {
    let keywords = [
        ("const", "7.25"),
        ("format", r#""email""#),
        ("oneOf", r#"[{"minimum": 41}]"#),
        ("not", r#"{"const": 41}"#),
        ("$ref", r##""#/$defs/berth""##),
        ("type", r#"["string", "integer", "x41"]"#),
        ("minimum", r#""41""#),
        ("minLength", "41"),
        ("items", r#"{"type": "string", "pattern": "x41"}"#),
        ("x-unknown", r#"{"a": [41, null]}"#),
        ("default", "123456789012345678901234567890"),
        ("enum", "[1, 123456789012345678901234567890]"),
    ];
    for (keyword, value) in keywords {
        let text = format!(
            r#"{{"tools": [{{"name": "get_berth", "description": "Gets one berth.", "inputSchema":
                {{"type": "object", "properties": {{"a": {{"description": "One\u200b.", "{keyword}": {value}}}}}}}}}]}}"#
        );
        for sdk in Sdk::ALL {
            let lines = list(&text, Applicability::Safe, Some(sdk));
            let marks = ["41", "7.25", "email", "berth\"", "123456789012345678901234567890"];
            let mark = marks.into_iter().find(|mark| value.contains(mark)).unwrap();
            let list = lines.split("hidden character\n").nth(1).unwrap();
            assert!(list.contains(mark), "{keyword} {sdk:?}: {lines}");
            let has_word = keyword == "const" && sdk == Sdk::TypeScript || sdk == Sdk::Rust;
            assert!(has_word || list.contains(&format!("\"{keyword}\"")), "{keyword}: {lines}");
        }
    }
}

#[test]
fn a_list_of_anything_says_what_is_in_it() {
    let text = BEYOND.replace(r#"{"type": "string", "minLength": 1}"#, r#"{"type": "object"}"#);
    let list = list(&text, Applicability::Safe, Some(Sdk::Rust));
    assert!(list.contains(r#"extend("items" = {"type": "object"})"#), "{list}");
    assert!(list.contains("pub many: Option<Vec<serde_json::Value>>,"), "{list}");
}

#[test]
fn a_comment_is_bounded_and_said_to_be_cut() {
    let many: Vec<String> = (0..2_000).map(|index| format!("\"value{index:08}\"")).collect();
    let text =
        BEYOND.replace(r#""format": "date-time""#, &format!(r#""x-many": [{}]"#, many.join(", ")));
    for sdk in [Sdk::Python, Sdk::TypeScript] {
        let all = list(&text, Applicability::Safe, Some(sdk));
        assert!(all.len() < 30_000, "{} bytes", all.len());
        assert!(all.contains("… (cut)\n"), "{all}");
        assert!(all.contains("texts are cut after 16,384 characters"), "{all}");
    }
}
