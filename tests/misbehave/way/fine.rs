//! Servers with nothing wrong, so that a test can tell a false alarm from a finding.

use serde_json::json;

use super::paging::two_pages;
use super::{BOTH, Era, GOOD, HTTP, MODERN, Way};

pub(super) const WAYS: &[Way] = &[
    GOOD,
    MODERN,
    Way {
        name: "good-paged",
        what: "a fine legacy server whose tool list has two pages",
        lists: two_pages,
        ..GOOD
    },
    Way {
        name: "modern-good-paged",
        what: "a fine 2026-07-28 server whose tool list has two pages",
        lists: two_pages,
        ..MODERN
    },
    Way {
        name: "good-both-eras",
        what: "a fine server that speaks both eras, with the same lists",
        era: Era::Both,
        ..GOOD
    },
    Way {
        name: "good-without-session",
        on: HTTP,
        what: "a fine legacy server that gives no Mcp-Session-Id",
        sessions: false,
        ..GOOD
    },
    Way {
        name: "good-vendor-fields",
        on: BOTH,
        what: "carries members of its own in tools, annotations, _meta and results",
        lists: |_, list| {
            list["_meta"] = json!({"com.example/cost": 3});
            list["x-served-by"] = json!("shelf-2");
            list["tools"][0]["_meta"] = json!({"com.example/owner": {"team": "lending"}});
            list["tools"][0]["x-since"] = json!("2024");
            list["tools"][0]["annotations"]["x-audience"] = json!("staff");
        },
        ..GOOD
    },
];
