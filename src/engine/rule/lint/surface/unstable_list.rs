use super::listing::{Difference, differences};
use crate::engine::{
    finding::{Confidence, Severity},
    protocol::revision::Era,
    rule::{Check, Hit, Profile, Rule, wording},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "surface/unstable-list",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "build the list from configuration and from the caller's permissions, never from what \
           happened on the connection; keep times and counters out of descriptions",
    documentation: r#"
The list of tools is another one when it is asked for again, or cannot be had again.

## Why
A client keeps the list: for as long as `ttlMs` says, for the next conversation, or as the part of
the prompt that the provider caches. A tool that is gone by then is called and fails; a description
with a time or a counter in it makes every prompt a new one, at the full price. What a reviewer has
approved is also not what the next user gets.

The list is asked for on a second connection, and there once more after all other questions. From
2026-07-28 on a list "MUST NOT vary per-connection or as a side effect of other requests"; it may
vary by who asks, which is always the same here. The revisions before do not forbid it, so that it is
a warning there, and nothing is said where the server announced the change. A server that ends instead of
answering is an error in every revision: clients ask again whenever they like.

## Bad
```exchange
{"protocolVersion": "2026-07-28",
 "tools": [{"name": "get_order", "description": "Gets an order. 12 orders today."},
           {"name": "list_orders"}],
 "listed_again": [[{"name": "get_order", "description": "Gets an order. 13 orders today."},
                   {"name": "list_orders"}]]}
```
```exchange
{"tools": [{"name": "login"}],
 "listed_again": [[{"name": "login"}], [{"name": "login"}, {"name": "get_order"}]]}
```
```exchange
{"tools": [{"name": "get_order"}],
 "listed_again": [{"gone": "the server ended (exit code 3)"}]}
```

## Good
```exchange
{"protocolVersion": "2026-07-28",
 "tools": [{"name": "get_order"}, {"name": "list_orders"}],
 "listed_again": [[{"name": "get_order"}, {"name": "list_orders"}],
                  [{"name": "get_order"}, {"name": "list_orders"}]]}
```

## References
- Specification 2026-07-28, server/tools, "Capabilities"
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    let is_legacy = surface.server.revision().is_some_and(|it| it.era() == Era::Legacy);
    let severity = if is_legacy { Severity::Warning } else { Severity::Error };
    let differences = differences(surface).into_iter().filter(Difference::is_other_list);
    let ended = surface.evidence.iter().flat_map(|evidence| &evidence.ended_listings);
    let ended = ended.map(|ended| {
        let message =
            format!("`tools/list`, asked {}, ends the connection", ended.again.in_words());
        let hit = Hit::new(surface.pointer.clone(), message).note(wording::shorten(&ended.how));
        hit.severity(Severity::Error)
    });
    differences
        .map(|difference| {
            let message =
                format!("`tools/list`, asked {}, {}", difference.when, in_words(&difference));
            Hit::new(surface.pointer.clone(), message).severity(severity)
        })
        .chain(ended)
        .collect()
}

fn in_words(difference: &Difference) -> String {
    let parts = [
        ("no longer has", &difference.gone),
        ("also has", &difference.new),
        ("says something else of", &difference.changed),
    ];
    let parts = parts.iter().filter(|(_, names)| !names.is_empty());
    let parts: Vec<String> =
        parts.map(|(verb, names)| format!("{verb} {}", wording::names(names))).collect();
    parts.join(" and ")
}
