use std::{collections::BTreeMap, time::Duration};

use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::{Surface, evidence::Outcome},
};

pub(super) const RULE: Rule = Rule {
    id: "latency/slow",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Recommended,
    help: "answer within 5 s, or start a job and return its id at once, with a tool that asks for \
           its state",
    documentation: r#"
A tool takes longer than anybody waits for.

## Why
While a tool runs, the user looks at a spinner and the model does nothing. Clients end a call after
their own limit (a minute in many, less in some), and then the model calls again: the work is done
twice, and a server that was slow gets slower. What takes more than 5 s is better a job: the call
returns an id, and another tool says how far it is.

Measured here is one call, or three where two are wrong on purpose, on this machine and at this
moment: a cold cache or a busy network looks the same. The limit of 5 s is experience from production
and no part of the specification.

## Bad
```exchange
{"tools": [{"name": "build_report"}],
 "asked": [{"call": "build_report", "seconds": 8.4, "result": {"content": []}}]}
```

## Good
```exchange
{"tools": [{"name": "build_report"}],
 "asked": [{"call": "build_report", "seconds": 0.2, "result": {"content": []}}]}
```

## References
- Specification 2026-07-28, extension `io.modelcontextprotocol/tasks`: results that come later
"#,
    check: Check::Surface(check),
};

const LIMIT: Duration = Duration::from_secs(5);

fn check(surface: &Surface) -> Vec<Hit> {
    let mut slowest: BTreeMap<&str, (Duration, bool)> = BTreeMap::new();
    let calls = surface.evidence.iter().flat_map(|evidence| evidence.calls());
    for (tool, _, answer) in calls.filter(|(_, _, answer)| answer.time > LIMIT) {
        let found = (answer.time, answer.outcome == Outcome::Silence);
        let known = slowest.entry(tool).or_insert(found);
        *known = (*known).max(found);
    }
    let in_order = surface.tools.iter().filter_map(|tool| {
        let (time, is_silent) = slowest.remove(tool.name.as_str())?;
        let message = match is_silent {
            true => "a call was not answered in the time that was waited",
            false => "a call took longer than 5 s",
        };
        let note = format!("{:.1} s", time.as_secs_f32());
        Some(Hit::new(tool.pointer.clone(), message).note(note))
    });
    in_order.collect()
}
