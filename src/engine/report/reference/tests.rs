//! The page of small surfaces, hostile and harmless.

use serde_json::{Value, json};

use super::{html, markdown};
use crate::engine::{
    protocol::json::Limits,
    rule::{self, Profile, Selection},
    surface::{self, Surface},
};

fn read(surface: &Value) -> Surface {
    surface::read(surface.to_string().as_bytes(), &Limits::default()).unwrap()
}

/// Both formats of a surface with one tool.
fn pages_of_tool(tool: &Value) -> (String, String) {
    let surface = read(&json!({"tools": [tool]}));
    (markdown::render(&surface), html::render(&surface))
}

/// Both formats of a tool with the given input schema, the schema read from text so that its order
/// counts.
fn pages_of_schema(schema: &str) -> (String, String) {
    let text = format!(r#"{{"tools":[{{"name":"t","inputSchema":{schema}}}]}}"#);
    let surface = surface::read(text.as_bytes(), &Limits::default()).unwrap();
    (markdown::render(&surface), html::render(&surface))
}

/// The table rows of a Markdown page whose first cell holds `first`.
fn rows<'a>(page: &'a str, first: &str) -> Vec<&'a str> {
    let starts = |line: &&str| line.starts_with(&format!("| {first}"));
    page.lines().filter(starts).collect()
}

/// The example call of a Markdown page.
fn example(page: &str) -> Value {
    let (_, rest) = page.split_once("```json\n").expect("the page has an example");
    let (json, _) = rest.split_once("\n```").expect("the example is closed");
    serde_json::from_str(json).expect("the example is JSON")
}

#[test]
fn arguments_are_told_in_words_in_the_order_of_the_text() {
    let (page, _) = pages_of_schema(
        r#"{"type":"object","required":["zone"],"properties":{
            "zone":{"type":"string","enum":["a","b"],"description":"which"},
            "at":{"type":"string","format":"date-time","default":"2026-01-01T00:00:00Z"},
            "limit":{"type":"integer","minimum":1,"maximum":50},
            "above":{"type":"number","exclusiveMinimum":0,"multipleOf":0.5},
            "name":{"type":["string","null"],"maxLength":64,"pattern":"^[a-z]+$"},
            "tags":{"type":"array","items":{"type":"integer"},"minItems":1,"uniqueItems":true},
            "labels":{"type":"object","additionalProperties":{"type":"string"}},
            "old":{"type":"boolean","deprecated":true},
            "code":{"type":"string","minLength":3,"maxLength":3}}}"#,
    );
    let expected = [
        r#"| `zone` | `"a" \| "b"` | required |  |  | which |"#,
        r#"| `at` | `string (date-time)` | optional | `"2026-01-01T00:00:00Z"` |  |  |"#,
        "| `limit` | `integer` | optional |  | 1 to 50 |  |",
        "| `above` | `number` | optional |  | above 0; a multiple of 0.5 |  |",
        "| `name` | `string or null` | optional |  | at most 64 characters; matches `^[a-z]+$` |  |",
        "| `tags` | `array of integer` | optional |  | at least 1 item; no duplicates |  |",
        "| `labels` | `map of string to string` | optional |  |  |  |",
        "| `old` **deprecated** | `boolean` | optional |  |  |  |",
        "| `code` | `string` | optional |  | exactly 3 characters |  |",
    ];
    let start = page.find("| `zone`").expect("the first argument is there");
    let found: Vec<_> = page[start..].lines().take(expected.len()).collect();
    assert_eq!(found, expected);
}

#[test]
fn nested_members_stand_under_dotted_paths() {
    let (page, _) = pages_of_schema(
        r#"{"type":"object","properties":{
            "filter":{"type":"object","properties":{"status":{"type":"string"},"a.b":{"type":"null"}},
                      "required":["status"]},
            "lines":{"type":"array","items":{"type":"object","properties":{"sku":{"type":"string"}}}},
            "tags":{"type":"array","items":{"type":"string","maxLength":9}},
            "labels":{"type":"object","additionalProperties":{"properties":{"x":{"type":"string"}}}},
            "pair":{"prefixItems":[{"type":"string"},{"type":"integer"}]},
            "by":{"patternProperties":{"^x-":{"type":"string"}}}}}"#,
    );
    let start = page.find("| `filter`").expect("the first argument is there");
    let table = page[start..].lines().take_while(|line| line.starts_with('|'));
    let paths: Vec<_> = table.filter_map(|line| line.split('`').nth(1)).collect();
    assert_eq!(
        paths,
        [
            "filter", "filter.status", r#"filter["a.b"]"#, "lines", "lines[].sku", "tags",
            "tags[]", "labels", "labels.*.x", "pair", "pair[0]", "pair[1]", "by", "by<^x->"
        ]
    );
    assert_eq!(rows(&page, "`filter.status`"), ["| `filter.status` | `string` | required |  |  |"]);
}

#[test]
fn recursive_types_are_shown_once_and_by_name() {
    let (page, html) = pages_of_schema(
        r##"{"type":"object","properties":{
            "tree":{"$ref":"#/$defs/Node"},"once":{"$ref":"#/$defs/Once"},
            "all":{"type":"array","items":{"$ref":"#"}}},
            "$defs":{"Node":{"type":"object","description":"a node","properties":{
                "children":{"type":"array","items":{"$ref":"#/$defs/Node"}}}},
              "Once":{"type":"object","properties":{"x":{"type":"string"}}}}}"##,
    );
    let link = "[`Node`](#tool-t.arguments.type-1)";
    // Once among the arguments and once in the type that stands for all of them.
    assert_eq!(rows(&page, "`tree`"), vec![format!("| `tree` | {link} | optional |  |"); 2]);
    let inside = format!("| `children` | `array of` {link} | optional |  |");
    assert_eq!(rows(&page, "`children`"), [inside]);
    assert_eq!(rows(&page, "`once.x`").len(), 2, "a type used once is shown in place");
    assert_eq!(page.matches("<a id=\"tool-t.arguments.type-1\">").count(), 1);
    assert!(page.contains("[`Root`](#tool-t.arguments.type-2)"), "{page}");
    assert_eq!(html.matches("id=\"tool-t.arguments.type-1\"").count(), 1);
}

#[test]
fn references_that_go_round_or_lead_nowhere_end() {
    for schema in [
        r##"{"$ref":"#"}"##,
        r##"{"allOf":[{"$ref":"#"}],"type":"object"}"##,
        r##"{"type":"object","properties":{"a":{"$ref":"#/properties/a"}}}"##,
        r##"{"type":"object","properties":{"a":{"$ref":"#/$defs/a"}},
             "$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}"##,
        r##"{"type":"object","properties":{"a":{"$ref":"#/$defs/x/properties/y"}},
             "$defs":{"x":{"properties":{"y":{"$ref":"#/$defs/x"}}}}}"##,
        r##"{"type":"object","properties":{"a":{"$ref":"#/$defs/x/items"}},
             "$defs":{"x":{"items":{"$ref":"#/$defs/x"}}}}"##,
        r##"{"$ref":"#/$defs/x","$defs":{"x":{"allOf":[{"anyOf":[{"$ref":"#/$defs/x"},{"allOf":[
             {"$ref":"#/$defs/x"}]}]},{"oneOf":[{"$ref":"#/$defs/x"},{}]}]}}}"##,
        r##"{"type":"object","properties":{"a":{"anyOf":[{"$ref":"#/properties/a"},{"type":"string"}]}}}"##,
    ] {
        pages_of_schema(schema);
    }
    let (page, _) = pages_of_schema(
        r##"{"type":"object","properties":{"a":{"$ref":"#/$defs/gone"},
             "b":{"$ref":"https://example.com/b.json"}}}"##,
    );
    assert!(
        rows(&page, "`a`")[0]
            .contains("`unknown` | optional | as in another document: `#/$defs/gone`")
    );
    assert!(!page.contains("https://example.com/b.json)"));
}

#[test]
fn types_that_double_at_every_level_do_not_double_the_page() {
    let mut defs = serde_json::Map::new();
    for level in 0..60 {
        let next = json!({"allOf": [{"$ref": format!("#/$defs/t{}", level + 1)}]});
        defs.insert(format!("t{level}"), json!({"properties": {"a": next, "b": next}}));
    }
    defs.insert("t60".to_owned(), json!({"type": "string"}));
    let schema =
        json!({"type": "object", "properties": {"x": {"$ref": "#/$defs/t0"}}, "$defs": defs});
    let (page, _) = pages_of_schema(&schema.to_string());
    assert!(page.len() < 30_000, "{}", page.len());
}

#[test]
fn alternatives_are_told_in_the_type_or_shown_as_options() {
    let (page, _) = pages_of_schema(
        r#"{"type":"object","anyOf":[{"required":["id"]},{"required":["name","zone"]}],"properties":{
            "id":{"anyOf":[{"type":"string","format":"uuid"},{"type":"integer"}]},
            "maybe":{"anyOf":[{"type":"integer","minimum":1},{"type":"null"}]},
            "list":{"type":"array","items":{"enum":["a","b"]}},
            "flat":{"anyOf":[{"anyOf":[{"type":"string"},{"type":"null"}]},{"type":"integer"}]},
            "source":{"oneOf":[
              {"type":"object","description":"from the web","properties":{"url":{"type":"string"}}},
              {"type":"object","properties":{"path":{"type":"string"}}}]}}}"#,
    );
    assert!(page.contains("- at least one of: `id`; `name` and `zone`\n"), "{page}");
    assert_eq!(rows(&page, "`id`"), ["| `id` | `string (uuid) or integer` | optional |  |  |"]);
    assert_eq!(
        rows(&page, "`maybe`"),
        ["| `maybe` | `integer or null` | optional | at least 1 |  |"]
    );
    assert_eq!(rows(&page, "`list`"), [r#"| `list` | `array of ("a" \| "b")` | optional |  |  |"#]);
    let flat = "| `flat` | `string or integer or null` | optional |  |  |";
    assert_eq!(rows(&page, "`flat`"), [flat]);
    assert_eq!(
        rows(&page, "`source"),
        [
            "| `source` | `one of 2 options` | optional |  |  |",
            "| `source` option 1 of 2 | `object` |  |  | from the web |",
            "| `source.url` | `string` | optional |  |  |",
            "| `source` option 2 of 2 | `object` |  |  |  |",
            "| `source.path` | `string` | optional |  |  |",
        ]
    );
}

#[test]
fn the_example_call_has_what_is_required_and_what_has_examples() {
    let (page, _) = pages_of_schema(
        r##"{"type":"object","required":["z","key","when","lines","kind","mode","n","even","who"],"properties":{
            "z":{"type":"string","minLength":9,"maxLength":9},
            "key":{"type":"string","pattern":"^[A-Za-z0-9_-]{16,64}$"},
            "when":{"type":"string","format":"date"},
            "lines":{"type":"array","minItems":2,"items":{"type":"object","required":["q"],
              "properties":{"q":{"type":"integer","minimum":5},"r":{"type":"string"}}}},
            "kind":{"const":"k"},"mode":{"enum":[null,"m"]},
            "n":{"type":"number","exclusiveMaximum":-1},
            "even":{"type":"integer","minimum":11,"multipleOf":2},
            "who":{"oneOf":[{"$ref":"#/$defs/who"},{"type":"string"}]},
            "left":{"type":"string"},
            "shown":{"type":"string","examples":["yes"]},
            "old":{"type":"string","examples":["no"],"deprecated":true}},
            "$defs":{"who":{"type":"object","required":["name"],"properties":{"name":{"type":"string"}}}}}"##,
    );
    let expected = json!({"name": "t", "arguments": {
        "z": "example e", "key": "ABCDEFGHIJKLMNOP", "when": "2026-01-31",
        "lines": [{"q": 5}, {"q": 5}], "kind": "k", "mode": "m", "n": -2, "even": 12,
        "who": {"name": "example"}, "shown": "yes"}});
    assert_eq!(example(&page), expected);
    assert!(page.contains("  \"arguments\": {\n    \"z\": "), "source order: {page}");
    assert!(!page.contains(super::GUESSED));
}

#[test]
fn an_example_owns_up_to_what_it_made_up() {
    let (page, _) = pages_of_schema(
        r#"{"type":"object","required":["a","b"],"properties":{
            "a":{"type":"string","pattern":"^(?=x)y$"}}}"#,
    );
    assert!(page.contains(&format!("{} `a`, `b`.", super::GUESSED)), "{page}");
    let (page, _) =
        pages_of_schema(r##"{"type":"object","required":["a"],"properties":{"a":{"$ref":"#"}}}"##);
    assert!(page.contains(super::NO_EXAMPLE), "a value without an end has no example");
}

#[test]
fn effects_are_what_is_declared() {
    let effect = |annotations: Value| {
        let (page, _) = pages_of_tool(&json!({"name": "t", "annotations": annotations}));
        let line = page.lines().find(|line| line.starts_with("- **Effect:**")).unwrap();
        line.trim_start_matches("- **Effect:** ").to_owned()
    };
    assert_eq!(effect(json!({})), "not declared");
    assert_eq!(effect(json!({"readOnlyHint": true, "destructiveHint": true})), "read-only");
    assert_eq!(
        effect(json!({"readOnlyHint": false, "destructiveHint": true, "idempotentHint": false})),
        "writes, destructive, not idempotent"
    );
    assert_eq!(effect(json!({"openWorldHint": true})), "open world");
}

#[test]
fn what_is_not_declared_is_said() {
    let (page, html) = pages_of_tool(&json!({"name": "t"}));
    for sentence in [
        "No description.",
        "Not declared: there is no input schema.",
        super::NO_OUTPUT,
        super::NO_ERRORS,
        "whether it only reads (clients assume that it writes)",
    ] {
        assert!(page.contains(sentence), "{sentence}: {page}");
        assert!(html.contains(sentence), "{sentence}: {html}");
    }
}

#[test]
fn deprecation_and_errors_are_read_from_meta() {
    let surface = read(&json!({"tools": [
        {"name": "new_one", "inputSchema": {"type": "object"}},
        {"name": "old_one", "inputSchema": {"type": "object"}, "_meta": {
            "dev.mcp-kit/deprecated":
                {"since": "2.1.0", "sunset": "2027-01-31", "replacement": "new_one"},
            "dev.mcp-kit/approval": "sometimes",
            "dev.mcp-kit/errors": [
                {"code": "not_found", "when": "it is gone", "next": "look again"}, "internal", 7]}}
    ]}));
    let page = markdown::render(&surface);
    assert!(page.contains("may ask for approval"), "{page}");
    assert!(page.contains(
        "Deprecated since `2.1.0`, removed on `2027-01-31`; use [`new_one`](#tool-new_one) instead."
    ));
    assert!(page.contains("| `not_found` | it is gone | look again |\n| `internal` |  |  |"));
    assert!(
        html::render(&surface).contains("use <a href=\"#tool-new_one\"><code>new_<wbr>one</code>")
    );
}

#[test]
fn prompts_resources_and_templates_are_documented() {
    let surface =
        read(&json!({"tools": [], "prompts": [{"name": "p", "title": "Prompt", "arguments": [
            {"name": "x", "required": true, "description": "the x"}, {"no": "name"}]}],
        "resources": [{"name": "r", "uri": "file:///r", "mimeType": "text/plain", "size": 12}],
        "resourceTemplates": [{"name": "r", "uriTemplate": "file:///{r}"}, {"uriTemplate": "x"}]}));
    let page = markdown::render(&surface);
    assert!(page.contains("| `x` | required | the x |"));
    assert!(
        page.contains(
            "- **URI:** `file:///r`\n- **Media type:** `text/plain`\n- **Size:** 12 bytes"
        )
    );
    let anchors = ["prompt-p", "resource-r", "resource-r-2"];
    for anchor in anchors {
        assert_eq!(page.matches(&format!("<a id=\"{anchor}\"></a>")).count(), 1, "{page}");
    }
    assert!(page.contains("1 listed thing has no name and cannot be documented."));
    assert!(!page.contains("## Tools"));
}

/// Everything that could get out of its place, in every place there is.
const HOSTILE: &str = "<script>alert(1)</script> | a`b``c \\| [x](javascript:1) ![i](http://e.example/i) \
    https://e.example www.e.example m@e.example @team #1 &lt; \u{1b}[31m\u{202e}\u{200b}\u{e0041}\r\"'>\n\
    | --- |\n# h\n- l\n1. n\n---\n===\n```\n</style><img src=x onerror=alert(1)>\n    code";

fn hostile() -> Surface {
    let schema = json!({
        "type": "object", "description": HOSTILE, "required": [HOSTILE],
        "properties": {HOSTILE: {"type": "string", "description": HOSTILE, "default": HOSTILE,
            "enum": [HOSTILE], "pattern": HOSTILE, "format": HOSTILE, "examples": [HOSTILE]},
            "r": {"$ref": format!("#/$defs/{HOSTILE}")}, "s": {"$ref": "#/$defs/x|`<b>"},
            "t": {"type": "array", "items": {"$ref": "#/$defs/x|`<b>"}}},
        "patternProperties": {HOSTILE: {"type": HOSTILE}},
        "$defs": {"x|`<b>": {"type": "object", "properties": {HOSTILE: {"format": HOSTILE, "type": "string"}}}},
        "anyOf": [{"description": HOSTILE, "properties": {HOSTILE: {"const": HOSTILE}}}, {"not": {"const": HOSTILE}}],
    });
    let item = json!({"name": HOSTILE, "title": format!("t{HOSTILE}"), "description": HOSTILE,
        "uri": HOSTILE, "uriTemplate": HOSTILE, "mimeType": HOSTILE,
        "inputSchema": schema, "outputSchema": schema,
        "arguments": [{"name": HOSTILE, "description": HOSTILE}],
        "_meta": {"dev.mcp-kit/deprecated": {"since": HOSTILE, "sunset": HOSTILE, "replacement": HOSTILE},
            "dev.mcp-kit/errors": [{"code": HOSTILE, "when": HOSTILE, "next": HOSTILE}]}});
    read(&json!({"serverInfo": {"name": HOSTILE, "title": HOSTILE, "version": HOSTILE},
        "protocolVersion": HOSTILE, "capabilities": {HOSTILE: {HOSTILE: true}}, "instructions": HOSTILE,
        "tools": [item], "prompts": [item], "resources": [item], "resourceTemplates": [item]}))
}

fn is_hidden(character: char) -> bool {
    (character.is_control() && character != '\n')
        || matches!(character, '\u{202e}' | '\u{200b}' | '\u{e0041}')
}

#[test]
fn hostile_text_stays_text_in_html() {
    let page = html::render(&hostile());
    assert!(!page.contains(is_hidden));
    let mut open = Vec::new();
    for (index, tag) in page.split('<').skip(1).enumerate() {
        let (tag, _) = tag.split_once('>').expect("every tag is closed");
        let name = tag.split([' ', '\n']).next().unwrap_or_default();
        let known = [
            "!doctype", "html", "head", "meta", "title", "style", "body", "a", "nav", "p", "ul",
            "li", "code", "main", "header", "h1", "h2", "h3", "h4", "h5", "dl", "div", "dt", "dd",
            "section", "table", "thead", "tbody", "tr", "th", "td", "span", "small", "article",
            "pre", "wbr",
        ];
        assert!(known.contains(&name.trim_start_matches('/')), "tag {index} is `{tag}`");
        if let Some(closed) = name.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed), "tag {index}");
        } else if !matches!(name, "!doctype" | "meta" | "wbr") {
            open.push(name);
        }
        for attribute in tag.split(['"']).step_by(2).skip(1) {
            assert!(
                !attribute.contains(" on") && !attribute.contains(" src"),
                "tag {index} is `{tag}`"
            );
        }
        if let Some((_, href)) = tag.split_once("href=\"") {
            assert!(href.starts_with('#'), "tag {index} is `{tag}`");
        }
    }
    assert_eq!(open, Vec::<&str>::new());
}

#[test]
fn hostile_text_stays_text_in_markdown() {
    let page = markdown::render(&hostile());
    assert!(!page.contains(is_hidden));
    // Outside of code blocks and code spans the only tags are our own.
    let mut is_code_block = false;
    for line in page.lines() {
        if line.starts_with("````") {
            is_code_block = !is_code_block;
        }
        let prose: String = line.split('`').step_by(2).collect();
        let tags = prose.split('<').skip(1);
        let own = ["a id=\"", "/a>", "br>", "code>", "/code>", "!-- -->"];
        for tag in tags.filter(|_| !is_code_block && !line.starts_with("````")) {
            assert!(own.iter().any(|own| tag.starts_with(own)), "{line}");
        }
    }
    let mut columns = None;
    for line in page.lines().filter(|line| !line.is_empty()) {
        if !line.starts_with("| ") {
            columns = None;
            continue;
        }
        // A pipe that is not escaped ends a cell wherever it stands, in code too.
        let unescaped = line.replace(r"\\", "").replace(r"\|", "");
        let found = unescaped.matches('|').count();
        assert_eq!(*columns.get_or_insert(found), found, "{line}");
    }
}

/// The only text that may hold a less-than sign in Markdown outside of code is our own.
#[test]
fn markdown_escapes_are_those_of_github() {
    use crate::engine::report::escape::{for_markdown, for_markdown_code};
    let cases = [
        ("<b>&amp;", "&lt;b&gt;&amp;amp;"),
        ("a|b", r"a\|b"),
        ("snake_case _x_", r"snake_case \_x\_"),
        ("![i](u)", r"!\[i\](u)"),
        ("# h", r"\# h"),
        ("see #1", "see #<!-- -->1"),
        ("- l", r"\- l"),
        ("12. n", r"12\. n"),
        (":---", r"\:---"),
        ("https://e.example", r"https:\//e.example"),
        ("www.e.example", r"www\.e.example"),
        ("m@e.example", "m@<!-- -->e.example"),
        ("\u{202e}", r"\\u{202e}"),
    ];
    for (text, expected) in cases {
        assert_eq!(for_markdown(text), expected);
    }
    assert_eq!(for_markdown_code("a|b"), r"`a\|b`");
    assert_eq!(for_markdown_code("a`|b"), r"<code>a\`\|b</code>");
    assert_eq!(for_markdown_code(""), "<code></code>");
}

#[test]
fn ten_thousand_arguments_are_bounded_and_counted() {
    let properties: serde_json::Map<_, _> =
        (0..10_000).map(|index| (format!("p{index}"), json!({"type": "string"}))).collect();
    let schema = json!({"type": "object", "properties": properties, "required": ["p0"]});
    let (page, html) = pages_of_tool(&json!({"name": "t", "inputSchema": schema}));
    assert_eq!(rows(&page, "`p").len(), 500);
    for page in [page, html] {
        assert!(page.contains("At least 9,500 more rows are left out."));
        assert!(page.len() < 100_000, "{}", page.len());
    }
}

#[test]
fn deep_nesting_is_bounded() {
    let mut schema = json!({"type": "string"});
    for _ in 0..50 {
        schema = json!({"type": "object", "properties": {"a": schema}, "required": ["a"]});
    }
    let (page, _) = pages_of_tool(&json!({"name": "t", "inputSchema": schema}));
    assert!(page.contains("At least 1 more row is left out."));
    // Definitions that each use the next one once are not nested in the text, only in meaning.
    let mut defs = serde_json::Map::new();
    for level in 0..3_000 {
        let next = json!({"$ref": format!("#/$defs/t{}", level + 1)});
        defs.insert(format!("t{level}"), json!({"properties": {"a": next}, "required": ["a"]}));
    }
    let schema =
        json!({"type": "object", "properties": {"x": {"$ref": "#/$defs/t0"}}, "$defs": defs});
    pages_of_tool(&json!({"name": "t", "inputSchema": schema}));
}

#[test]
fn the_model_surface_leaves_nothing_undeclared() {
    let text = include_bytes!("../../../../fixtures/surfaces/tickets.json");
    let surface = surface::read(text, &Limits::default()).unwrap();
    for page in [markdown::render(&surface), html::render(&surface)] {
        for gap in [
            "No description.",
            super::NO_OUTPUT,
            super::NO_ERRORS,
            super::NO_EXAMPLE,
            super::GUESSED,
            "not declared",
            "Not declared",
            "left out",
        ] {
            assert!(!page.contains(gap), "{gap}");
        }
    }
    let again = surface::read(text, &Limits::default()).unwrap();
    assert_eq!(markdown::render(&surface), markdown::render(&again));
    assert_eq!(html::render(&surface), html::render(&again));
}

#[test]
fn the_model_surface_earns_no_finding() {
    let text = include_bytes!("../../../../fixtures/surfaces/tickets.json");
    let surface = surface::read(text, &Limits::default()).unwrap();
    assert_eq!(rule::run(&surface, &Selection::of(Profile::Strict)), []);
}

#[test]
fn real_surfaces_are_rendered() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/corpus/surfaces");
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let surface = surface::read(&bytes, &Limits::default()).unwrap();
        for tool in &surface.tools {
            let anchor = format!("\"tool-{}\"", tool.name.to_lowercase());
            assert!(markdown::render(&surface).contains(&anchor), "{anchor}");
        }
        assert!(html::render(&surface).ends_with("</html>\n"));
    }
}
