use crate::engine::{
    finding::{Confidence, ObservationKind, Severity},
    protocol::json::OddityKind,
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "wire/too-deep",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "flatten the value; a schema that nests itself is written with `$ref`, not unrolled",
    documentation: r#"
A message is nested deeper than clients read.

## Why
Decoders limit nesting, because reading deep values is how a parser is made to overflow its stack.
The most common limit is 128 levels (`serde_json`, and every client built on it); a message beyond
it is refused whole. Nobody writes that by hand: it comes from a recursive type that was unrolled
into its schema, or from somebody trying.

## Bad
```json
{"tools": [{
  "name": "get_tree",
  "inputSchema": {"type": "object", "default":
    [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[
    [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[
    ]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]
    ]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]
  }
}]}
```

## Good
```json
{"tools": [{
  "name": "get_tree",
  "inputSchema": {"type": "object", "default": [[[]]]}
}]}
```

## References
- RFC 8259 §9: software "may set limits on the maximum depth of nesting"
- Specification 2026-07-28, basic, "JSON Schema Usage": implementations bound the depth of schemas
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    Hit::observed(surface, ObservationKind::Json(OddityKind::TooDeep))
}
