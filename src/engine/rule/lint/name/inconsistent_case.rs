use std::collections::BTreeMap;

use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "name/inconsistent-case",
    severity: Severity::Info,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "write all names of a server one way; `snake_case` is what most servers use",
    documentation: r#"
Some tool names are written in another style than the others.

## Why
Models reproduce patterns: after `get_order` and `list_orders` they call `cancel_order` even when the
tool is `cancelOrder`. Clients compare names exactly, so the call fails and costs a round. It is a
small cost, hence advice and no more.

A name of one word fits every style, and a dot separates names rather than words.

## Bad
```json
{"tools": [
  {"name": "get_order", "inputSchema": {"type": "object"}},
  {"name": "list_orders", "inputSchema": {"type": "object"}},
  {"name": "cancelOrder", "inputSchema": {"type": "object"}}
]}
```

## Good
```json
{"tools": [
  {"name": "get_order", "inputSchema": {"type": "object"}},
  {"name": "list_orders", "inputSchema": {"type": "object"}},
  {"name": "search", "inputSchema": {"type": "object"}}
]}
```

## References
- Specification 2026-07-28, server/tools, "Tool Names": names are case-sensitive
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    let styled: Vec<_> =
        surface.tools.iter().filter_map(|tool| Some((tool, Style::of(&tool.name)?))).collect();
    let mut counts: BTreeMap<Style, usize> = BTreeMap::new();
    for (_, style) in &styled {
        *counts.entry(*style).or_default() += 1;
    }
    // On a draw the first in the order of `Style` is the standard.
    let Some((standard, most)) = counts.iter().rev().max_by_key(|(_, count)| **count) else {
        return Vec::new();
    };
    let others = styled.iter().filter(|(_, style)| style != standard);
    others
        .map(|(tool, style)| {
            let message = format!(
                "a name in {}, where {most} of {} are in {}",
                style.as_str(),
                styled.len(),
                standard.as_str()
            );
            Hit::new(tool.pointer.join("name"), message)
        })
        .collect()
}

/// How the words of a name are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Style {
    Snake,
    Camel,
    Pascal,
    Kebab,
    Mixed,
}

impl Style {
    /// None for a name of one word, which fits every style.
    fn of(name: &str) -> Option<Self> {
        let has_hump = name
            .as_bytes()
            .windows(2)
            .any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
        let starts_upper = name.starts_with(|first: char| first.is_ascii_uppercase());
        match (name.contains('_'), name.contains('-'), has_hump) {
            (false, false, false) => None,
            (true, false, false) => Some(Self::Snake),
            (false, true, false) => Some(Self::Kebab),
            (false, false, true) if starts_upper => Some(Self::Pascal),
            (false, false, true) => Some(Self::Camel),
            _ => Some(Self::Mixed),
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Snake => "snake_case",
            Self::Camel => "camelCase",
            Self::Pascal => "PascalCase",
            Self::Kebab => "kebab-case",
            Self::Mixed => "several styles at once",
        }
    }
}
