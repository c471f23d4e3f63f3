use super::{Aspect, Rule, rule};

pub(super) const RULE: Rule = rule(
    "replay/duplicate-effect",
    Aspect::Dup,
    &["replay/distinct-keys-collapsed"],
    "keep the key with the answer in the transaction of the change, and answer a known key \
     from there",
    r#"
One call that is repeated under its key takes effect twice.

## Why
This is what a key is for. Answers do not show it: a server can answer both calls alike and have charged
twice, so effects are counted where they end up. The key has to be written with the change, in one
transaction, and looked up before anything is done.

## Bad
```text
deposit {"amount": 500, "idempotency_key": "k1"}   → done
deposit {"amount": 500, "idempotency_key": "k1"}   → done        two entries in list_entries
```

## Good
```text
begin
  insert into ledger (tenant, actor, tool, key, fingerprint) …   a known key: answer with what it has
  insert into entry …
  update ledger set answer = …
commit
```

## References
- draft-ietf-httpapi-idempotency-key-header
- `usage/retried-without-key`: what real traffic says of retries
"#,
);
