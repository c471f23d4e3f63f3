use super::{Sdk, render};
use crate::engine::{
    finding::Applicability,
    protocol::json::Limits,
    rule::{Profile, Selection, run},
    surface,
};

fn list(text: &str, up_to: Applicability, sdk: Option<Sdk>) -> String {
    let surface = surface::read(text.as_bytes(), &Limits::default()).unwrap();
    let findings = run(&surface, &Selection::of(Profile::Recommended));
    let list = render(&surface, &findings, up_to, sdk);
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
          #[schemars(extend("enum" = ["port","starboard"]))]
          pub side: String,
        python:
          @mcp.tool(description="Creates a berth.", annotations=ToolAnnotations(readOnlyHint=False))
          idempotency_key: Annotated[str | None, Field(description="Reuse the same key when you repeat this request; a new key only for a different change")] = None,
          limit: Annotated[int, Field(description="How many")] = 20,
          side: Annotated[Literal["port", "starboard"], Field(description="Side, one of: port, starboard")],
        typescript:
          server.registerTool("create_berth", { description: "Creates a berth.", annotations: { readOnlyHint: false } }, …)
          idempotency_key: z.string().optional().describe("Reuse the same key when you repeat this request; a new key only for a different change"),
          limit: z.int().default(20).describe("How many"),
          side: z.enum(["port","starboard"]).describe("Side, one of: port, starboard"),
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
    let long = "Creates it. ".repeat(1_000);
    let text = TOOL
        .replace("Creates a berth.", &format!("{long}\\u001b[31m"))
        .replace("\"side\"", "\"si\\u202ede\"");
    let all = list(&text, Applicability::Unsafe, None);
    assert!(!all.contains(['\u{1b}', '\u{202e}', '\u{200b}']), "{all}");
    assert!(all.len() < 10_000, "{} bytes", all.len());
}
