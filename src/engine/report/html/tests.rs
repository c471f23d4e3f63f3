//! The page as a browser reads it: what is on it, that its links lead somewhere, and that nothing of
//! a server gets out of its place. `scripts/look` looks at it in a browser.

use std::collections::HashSet;

use html5gum::{StringReader, Token, Tokenizer};
use serde_json::{Value, json};

use super::*;
use crate::engine::{
    finding::{Finding, Severity},
    protocol::json::Limits,
    report::{Origin, Transport},
    rule::{self, Profile, Selection},
    semantics::split::{CrossEdge, Plan, Server, Verdict},
    surface::{self, Surface},
};

/// What a reader of the page makes of it.
#[derive(Default)]
pub(in crate::engine::report) struct Parsed {
    tags: HashSet<String>,
    pub(in crate::engine::report) ids: Vec<String>,
    links: Vec<String>,
    /// The text of the page without the style sheet; blanks are single.
    pub(in crate::engine::report) text: String,
}

fn parsed(page: &str) -> Parsed {
    let mut parsed = Parsed::default();
    let mut open: Vec<String> = Vec::new();
    let reader: Tokenizer<StringReader<'_>> = Tokenizer::new(page);
    for token in reader {
        match token.unwrap() {
            Token::StartTag(tag) => {
                let name = String::from_utf8(tag.name.to_vec()).unwrap();
                for (key, value) in &tag.attributes {
                    let key = std::str::from_utf8(key).unwrap();
                    let value = String::from_utf8(value.value.to_vec()).unwrap();
                    match key {
                        "id" => parsed.ids.push(value),
                        "href" => parsed.links.push(value),
                        _ => assert!(
                            [
                                "aria-hidden", "aria-label", "charset", "class", "content", "dir",
                                "height", "http-equiv", "lang", "name", "open",
                                "preserveaspectratio", "role", "tabindex", "viewbox", "width",
                            ]
                            .contains(&key),
                            "<{name} {key}>"
                        ),
                    }
                }
                if !tag.self_closing && !["meta", "wbr"].contains(&name.as_str()) {
                    open.push(name.clone());
                }
                parsed.tags.insert(name);
            }
            Token::EndTag(tag) => {
                let name = String::from_utf8(tag.name.to_vec()).unwrap();
                assert_eq!(open.pop(), Some(name), "closed in the order of opening");
                parsed.text.push(' ');
            }
            Token::String(text) if open.last().is_none_or(|name| name != "style") => {
                parsed.text.push_str(std::str::from_utf8(&text).unwrap());
            }
            Token::String(_) | Token::Doctype(_) => {}
            Token::Comment(_) => panic!("a comment"),
            Token::Error(error) => panic!("{error:?}"),
        }
    }
    assert!(open.is_empty(), "left open: {open:?}");
    parsed.text = parsed.text.split_whitespace().collect::<Vec<_>>().join(" ");
    parsed
}

/// Parses a page and holds it to what is true of every page.
pub(in crate::engine::report) fn check(page: &str) -> Parsed {
    let parsed = parsed(page);
    let known: HashSet<&str> = [
        "html", "head", "meta", "title", "style", "body", "a", "nav", "p", "ul", "li", "code",
        "main", "header", "h1", "h2", "dl", "div", "dt", "dd", "section", "table", "thead", "h3",
        "tbody", "tr", "th", "td", "span", "small", "pre", "wbr", "details", "summary", "strong",
        "svg", "rect",
    ]
    .into();
    let strange: Vec<_> = parsed.tags.iter().filter(|tag| !known.contains(tag.as_str())).collect();
    assert!(strange.is_empty(), "{strange:?}");
    let ids: HashSet<&String> = parsed.ids.iter().collect();
    assert_eq!(ids.len(), parsed.ids.len(), "every id once: {:?}", parsed.ids);
    for link in &parsed.links {
        let id = link.strip_prefix('#').unwrap_or_else(|| panic!("{link} leads out of the page"));
        assert!(ids.contains(&id.to_owned()), "{link} leads nowhere");
    }
    assert!(page.contains("content=\"default-src 'none'; style-src 'sha256-"), "no policy");
    parsed
}

fn read(surface: &Value) -> Surface {
    surface::read(surface.to_string().as_bytes(), &Limits::default()).unwrap()
}

/// The page of everything that the rules find in a surface.
fn page_of(surface: &Surface, plan: Option<&Plan>) -> String {
    let origin = Origin { name: "tools.json".to_owned(), transport: Transport::File };
    let open = rule::run(surface, &Selection::of(Profile::Strict));
    page_with(surface, &origin, &open, plan)
}

fn page_with(surface: &Surface, origin: &Origin, open: &[Finding], plan: Option<&Plan>) -> String {
    let source = Source { surface, origin };
    render(&Report {
        examined: Examined::Surface { source, profile: "strict", plan },
        open,
        allowed: &[],
        fail_on: Severity::Error,
        allow_list: None,
        baseline: None,
        fixing: None,
        foreseen: None,
        lists: None,
    })
}

fn orders() -> Surface {
    let text = include_bytes!("../../../../fixtures/surfaces/orders.json");
    surface::read(text, &Limits::default()).unwrap()
}

#[test]
fn the_page_says_what_was_found_and_what_to_do() {
    let surface = orders();
    let parsed = check(&page_of(&surface, None));
    for finding in rule::run(&surface, &Selection::of(Profile::Strict)) {
        let message = finding.message.replace(['`', ' '], "");
        let help = finding.help.replace(['`', ' '], "");
        let text = parsed.text.replace(['`', ' '], "");
        assert!(text.contains(&message), "{message}: {text}");
        assert!(text.contains(&help), "{help}");
    }
    for heading in ["Token cost", "Errors", "Warnings", "Tools", "Rules"] {
        assert!(parsed.text.contains(heading), "{heading}");
    }
    for tool in &surface.tools {
        assert!(parsed.ids.contains(&format!("tool-{}", tool.name)), "{}", tool.name);
    }
    assert!(parsed.text.contains("tools.json:29:21"), "{}", parsed.text);
    assert!(parsed.tags.contains("svg") && parsed.tags.contains("details"));
}

#[test]
fn a_surface_without_tools_and_without_findings_has_a_page() {
    let surface = read(&json!({"tools": []}));
    let origin = Origin { name: "-".to_owned(), transport: Transport::File };
    let parsed = check(&page_with(&surface, &origin, &[], None));
    assert!(parsed.text.contains("Passes: no findings."), "{}", parsed.text);
    assert!(!parsed.ids.contains(&"cost".to_owned()));
}

/// A plan of no servers between which a field goes.
fn a_plan(field: &str) -> Plan {
    let end = |server: &str, tool: &str| (Some(server.to_owned()), vec![tool.to_owned()]);
    Plan {
        verdict: Verdict::Splits,
        cohesion: 0.6,
        servers: Vec::new(),
        shared: Vec::new(),
        cross_edges: vec![CrossEdge {
            field: field.to_owned(),
            from: end("orders", "find_orders"),
            to: end("tags", "tag_order"),
        }],
        unplaced: Vec::new(),
        proposals: Vec::new(),
        is_in_portions: false,
    }
}

#[test]
fn a_split_plan_has_a_place() {
    let server = |name: &str, tools: &[&str]| Server {
        name: name.to_owned(),
        tools: tools.iter().map(|tool| (*tool).to_owned()).collect(),
        tokens: 1_200,
        cohesion: 0.625,
    };
    let plan = Plan {
        servers: vec![server("orders", &["find_orders", "<b>"]), server("tags", &["tag_order"])],
        ..a_plan("order_id")
    };
    let parsed = check(&page_of(&orders(), Some(&plan)));
    let (_, section) = parsed.text.split_once("Split plan 3 tools fall into 2 domains").unwrap();
    let (section, _) = section.split_once(" Errors").unwrap();
    assert_eq!(
        section,
        " Server Tools Tokens Cohesion orders find_orders , <b> 1,200 tokens 0.62 cohesion \
         tags tag_order 1,200 tokens 0.62 cohesion order_id goes from orders to tags : tag_order"
    );
}

/// Everything that could get out of its place.
const HOSTILE: &str = "</summary></details><script>alert(1)</script><img src=x onerror=alert(1)>\
    `a`b``\" onmouseover='x' <!-- --> </style><svg onload=x> &lt; \u{1b}[31m\u{202e}\u{200b}\
    \u{e0041}\r\n#x";

#[test]
fn hostile_text_stays_text() {
    let tool = json!({"name": HOSTILE, "title": HOSTILE, "description": HOSTILE,
        "inputSchema": {"type": "object", "properties": {HOSTILE: {"enum": [HOSTILE], "type": "integer"}}}});
    let surface = read(&json!({"serverInfo": {"name": HOSTILE, "version": HOSTILE},
        "protocolVersion": HOSTILE, "tools": [tool, tool]}));
    let mut open = rule::run(&surface, &Selection::of(Profile::Strict));
    let mut evil = open[0].clone();
    (evil.message, evil.help) = (HOSTILE.to_owned(), HOSTILE.to_owned());
    evil.places[0].note = Some(HOSTILE.to_owned());
    open.push(evil);
    let origin = Origin { name: HOSTILE.to_owned(), transport: Transport::File };
    let plan = a_plan(HOSTILE);
    let page = page_with(&surface, &origin, &open, Some(&plan));
    let parsed = check(&page);
    assert!(parsed.text.contains("<script>alert(1)</script>"), "shown as what it is");
    let is_hidden = |character: char| {
        (character.is_control() && character != '\n')
            || matches!(character, '\u{202e}' | '\u{200b}' | '\u{e0041}')
    };
    assert!(!page.contains(is_hidden));
}

#[test]
fn the_page_is_bounded() {
    let tool =
        |index: usize| json!({"name": format!("t{index}"), "inputSchema": {"type": "object"}});
    let mut tools: Vec<Value> = (0..10_000).map(tool).collect();
    tools[0]["description"] = json!("word ".repeat(1 << 20));
    tools[1]["name"] = json!("n".repeat(1 << 16));
    let surface = read(&json!({"tools": tools}));
    let missing = rule::find("desc/missing").unwrap();
    let one = rule::apply(missing, &surface).swap_remove(0);
    assert_eq!(one.places.len(), 9_999, "one finding at many places");
    let long = |index: usize| Finding {
        message: format!("{index} {}", "m".repeat(10_000)),
        help: "h".repeat(10_000),
        places: one.places[..3].to_vec(),
        ..one
    };
    let mut open: Vec<Finding> = (0..500).map(long).collect();
    open.insert(0, one.clone());
    let origin = Origin { name: "tools.json".to_owned(), transport: Transport::File };
    let page = page_with(&surface, &origin, &open, None);
    assert!(page.len() < 8 << 20, "{} bytes", page.len());
    let parsed = check(&page);
    assert!(parsed.text.contains("And 9,500 more tools"), "tools");
    assert!(parsed.text.contains("And 1 more finding;"), "findings");
    assert!(parsed.text.contains("3,000 of 5,242,880 characters."), "descriptions");
}

#[test]
fn real_surfaces_have_a_sound_page() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/corpus/surfaces");
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let surface = surface::read(&bytes, &Limits::default()).unwrap();
        let page = page_of(&surface, None);
        check(&page);
        assert_eq!(page, page_of(&surface, None), "same input, same bytes");
    }
}
