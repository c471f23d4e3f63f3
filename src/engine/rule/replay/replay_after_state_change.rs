use super::{Aspect, Rule, rule};

pub(super) const RULE: Rule = rule(
    "replay/replay-after-state-change",
    Aspect::Dup,
    &["replay/duplicate-effect"],
    "answer a known key from what was kept, whatever has become of the change since",
    r#"
A change that was undone since is made once more by a late repetition of its call.

## Why
An account is opened and closed again; then the answer of the first call is asked for once more. A server
that recognises a repetition by looking whether the thing exists finds nothing and makes it anew. What a
key stands for is the request, and that was carried out.

## Bad
```text
open_account {"name": "a", "idempotency_key": "k1"}   → acct-1
close_account {"account_id": "acct-1", …}             → done
open_account {"name": "a", "idempotency_key": "k1"}   → acct-2
```

## Good
```text
open_account {"name": "a", "idempotency_key": "k1"}   → acct-1, _meta: replayed
```

## References
- `docs/replay.md`: the call that undoes a change is taken from the recording
"#,
);
