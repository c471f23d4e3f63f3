use super::{Aspect, Rule, rule};

pub(super) const RULE: Rule = rule(
    "replay/answer-differs",
    Aspect::Same,
    &[],
    "answer as before, or take the new answers into the recording with --update",
    r#"
A recorded call is answered differently from the recording.

## Why
Whoever uses a server has got used to its answers: a client reads a member, a model has an example in its
instructions. A recording is what they have seen, and a server that answers the same calls with other
members, other types or another error has changed for them, whatever its tool list says. Judged with
`--compare`; ids that were made anew are put in, and what differs between two runs of one server is noise
and left out.

## Bad
```text
get_order {"id": "o-1"}   recorded: {"total": 12, "currency": "EUR"}
                          now:      {"total": "12.00 EUR"}
```

## Good
```text
get_order {"id": "o-1"}   recorded: {"total": 12, "currency": "EUR"}
                          now:      {"total": 12, "currency": "EUR", "paid": true}   with --update
```

## References
- `docs/replay.md`, comparing answers
- `mcp-kit diff`: the same of the tool list
"#,
);
