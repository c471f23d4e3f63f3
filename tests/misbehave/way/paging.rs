//! Ways to divide the tool list into pages.

use serde_json::{Value, json};

use super::Outcome::{Clean, Findings};
use super::{At, BOTH, GOOD, MODERN, STDIO, Way};
use crate::answer::refusal;
use crate::message::Ask;
use crate::tools;

pub(super) const WAYS: &[Way] = &[
    Way {
        name: "endless-pages",
        on: BOTH,
        outcome: Findings,
        what: "always has another page, with a new cursor and a new tool",
        lists: |ask, list| {
            list["tools"] = json!([tools::spare_tool(&format!("get_spare_{}", ask.nth))]);
            list["nextCursor"] = json!(format!("page-{}", ask.nth + 1));
        },
        ..GOOD
    },
    Way {
        name: "repeated-cursor",
        on: STDIO,
        outcome: Findings,
        what: "gives the same page and the same cursor for ever",
        lists: |_, list| list["nextCursor"] = json!("again"),
        ..GOOD
    },
    Way {
        name: "cursor-number",
        on: STDIO,
        outcome: Findings,
        what: "gives a number as the cursor, and the second page for it",
        lists: |ask, list| page(ask, list, json!(2)),
        ..GOOD
    },
    Way {
        name: "empty-cursor",
        on: STDIO,
        outcome: Findings,
        what: "gives an empty string as the cursor, and the second page for it",
        lists: |ask, list| page(ask, list, json!("")),
        ..GOOD
    },
    Way {
        name: "empty-last-page",
        on: STDIO,
        outcome: Clean,
        what: "has a second page with no tools on it",
        lists: |ask, list| {
            if ask.cursor().is_some() {
                list["tools"] = json!([]);
            } else {
                list["nextCursor"] = json!("page-2");
            }
        },
        ..GOOD
    },
    Way {
        name: "second-page-refused",
        on: STDIO,
        outcome: Findings,
        what: "refuses the second page with -32602, as if the cursor were not its own",
        lists: two_pages,
        at: At::List,
        says: |ask, answer| match ask.cursor() {
            Some(_) => refusal(-32602, "invalid cursor"),
            None => answer,
        },
        ..GOOD
    },
    Way {
        name: "thousand-tools",
        on: BOTH,
        outcome: Findings,
        what: "lists 1,000 tools on ten pages",
        lists: |ask, list| {
            let page = ask.cursor().and_then(Value::as_str).and_then(|page| page.parse().ok());
            let page: usize = page.unwrap_or(0);
            let numbers = page * 100..(page + 1) * 100;
            list["tools"] =
                numbers.map(|number| tools::spare_tool(&format!("get_shelf_{number}"))).collect();
            if page < 9 {
                list["nextCursor"] = json!((page + 1).to_string());
            }
        },
        ..GOOD
    },
    Way {
        name: "modern-scopes-differ",
        on: STDIO,
        outcome: Findings,
        what: "gives one page of the tool list a public cache scope and the other a private one",
        lists: |ask, list| {
            two_pages(ask, list);
            if ask.cursor().is_some() {
                list["cacheScope"] = json!("public");
            }
        },
        ..MODERN
    },
];

/// Two tools on the first page, one on the second.
pub(super) fn two_pages(ask: &Ask, list: &mut Value) {
    page(ask, list, json!("page-2"));
}

/// Leaves two tools and this cursor on the page that was asked for without a cursor, and the third
/// tool on the page that was asked for with one.
fn page(ask: &Ask, list: &mut Value, cursor: Value) {
    let mut tools = tools::tools();
    let second = tools.split_off(2);
    if ask.cursor().is_some() {
        list["tools"] = json!(second);
    } else {
        list["tools"] = json!(tools);
        list["nextCursor"] = cursor;
    }
}
