use super::{Format, Report, render};
use crate::engine::usage::{Usage, example};

fn rendered(usage: &Usage, format: Format, width: usize) -> String {
    let report = Report { usage, files: 1, damaged: 1 };
    let mut text = render(format, &report, width);
    for style in ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[2m"] {
        text = text.replace(style, "");
    }
    text
}

fn usage() -> Usage {
    let (_, usage) = example::read(
        r#"{"tools": [{"name": "search_orders"}, {"name": "purge_cache"},
            {"name": "create_order", "inputSchema": {"properties": {"item": {"type": "string"}}}}],
            "recorded": [
              {"call": "search_orders", "times": 1200},
              {"repeat": 2, "each": [
                {"call": "create_order", "arguments": {"item": "lamp"}, "error": "timed out"},
                {"call": "create_order", "arguments": {"item": "lamp"}, "error": "timed out"},
                {"call": "a_name_that_is_much_too_long_for_any_column_of_a_terminal_however_wide",
                 "arguments": {"item": "lamp"}},
                {"call": "a\u001b[31m<b>|`x`", "arguments": {"item": "lamp"}}]}]}"#,
    );
    usage
}

#[test]
fn text_fits_eighty_columns_and_says_what_was_left_out() {
    let text = rendered(&usage(), Format::Text, 80);
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let (head, rest) = text.split_once("\nnever called\n").unwrap();
    assert!(head.starts_with("usage: 1 recording, 3 sessions, 1,208 calls of 4 tools\n"), "{head}");
    assert!(head.contains("search_orders               1,200"), "{head}");
    assert!(rest.contains("create_order: 2 without a key; 2 after which something may be done"));
    assert!(rest.contains("note: 1 line could not be read and is left out"), "{rest}");
}

#[test]
fn what_a_server_names_its_tools_stays_text() {
    let usage = usage();
    for format in [Format::Text, Format::Html, Format::Markdown, Format::Json] {
        let text = rendered(&usage, format, 80);
        assert!(!text.contains('\u{1b}'), "{text}");
    }
    let page = rendered(&usage, Format::Html, 80);
    assert!(!page.contains("<b>|"), "{page}");
    let markdown = rendered(&usage, Format::Markdown, 80);
    assert!(markdown.lines().all(|line| !line.starts_with("| a") || !line.contains("<b>")));
}

#[test]
fn nothing_recorded_is_a_report_too() {
    let usage = Usage::default();
    for format in [Format::Text, Format::Html, Format::Markdown, Format::Json] {
        assert!(!rendered(&usage, format, 80).is_empty());
    }
    let text = rendered(&usage, Format::Text, 80);
    assert!(text.contains("0 calls of 0 tools") && text.contains("--surface TARGET"), "{text}");
}
