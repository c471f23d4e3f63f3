use crate::engine::{
    finding::{Confidence, Fix, ObservationKind, Severity},
    protocol::json::edit::Edit,
    rule::{
        Check, Hit, Profile, Rule,
        repair::{Occurrence, Repair},
    },
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "spec/wrong-type",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "send the type that the schema of the specification gives for this member",
    documentation: r#"
A member has a type that the specification does not allow there.

## Why
Clients that decode the list into types (most SDKs do) fail on the first member of another type, and
with it the whole list: one description that is null takes every tool away. Clients that are lenient
drop the member, so a hint given as `"true"` protects nobody. Looked at are the members of tools,
prompts and their arguments, resources and templates, with their annotations, and `nextCursor`,
`ttlMs` and `cacheScope` of the answer.

## Bad
```json
{"tools": [{"name": "get_order", "description": null, "inputSchema": {"type": "object"}}]}
```
```json
{"tools": [{
  "name": "get_order",
  "annotations": {"readOnlyHint": "true"},
  "inputSchema": {"type": "object"}
}]}
```
```json
{"prompts": [{"name": "plan_trip", "arguments": [{"name": "city", "required": "true"}]}]}
```
```json
{"resources": [{"uri": "file:///rates.csv", "name": "rates", "annotations": {"audience": "user"}}]}
```

## Good
```json
{"tools": [{
  "name": "get_order",
  "description": "Gets one order by its number.",
  "annotations": {"readOnlyHint": true},
  "inputSchema": {"type": "object"}
}]}
```

## References
- Specification 2026-07-28, schema: `Tool`, `ToolAnnotations`, `Prompt`, `PromptArgument`, `Resource`,
  `Annotations`, `ListToolsResult`
"#,
    check: Check::Surface(check),
};

pub(super) const REPAIR: Repair = Repair {
    rule: RULE.id,
    safe: Some("a member that is null goes, if it may be absent"),
    not_safe: Some("a boolean in quotes becomes a boolean"),
    propose,
};

fn check(surface: &Surface) -> Vec<Hit> {
    Hit::observed(surface, ObservationKind::WrongType)
}

/// Members that may be absent. Null in their place can only mean that they are.
const OPTIONAL: &[&str] = &[
    "title", "description", "annotations", "icons", "execution", "_meta", "readOnlyHint",
    "destructiveHint", "idempotentHint", "openWorldHint", "arguments", "mimeType", "size",
    "instructions", "required", "audience", "priority", "lastModified", "nextCursor",
];

fn propose(occurrence: &Occurrence<'_>) -> Option<Fix> {
    let (pointer, found) = (occurrence.pointer(), occurrence.view()?);
    let name = pointer.last()?;
    if found.is_null() {
        let edits = vec![Edit::Remove(pointer.clone())];
        let may_be_absent = OPTIONAL.contains(&name.as_ref());
        return may_be_absent
            .then(|| Fix::safe(format!("take out `{name}`, which is null"), edits));
    }
    let is_hint = name.ends_with("Hint");
    let meant = found.as_str()?.trim().to_lowercase().parse::<bool>().ok().filter(|_| is_hint)?;
    let edits = vec![Edit::Replace(pointer.clone(), meant.into())];
    Some(Fix::not_safe(format!("say {meant} without quotes"), edits))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::engine::{protocol::json::Limits, rule::apply, surface};

    #[test]
    fn every_member_with_a_type_is_looked_at() {
        let found = |text: &str| -> Vec<String> {
            let surface = surface::read(text.as_bytes(), &Limits::default()).unwrap();
            let findings = apply(&RULE, &surface);
            let said = findings.iter().flat_map(|finding| {
                let places = finding.places.iter();
                places.map(move |place| format!("{} {}", place.pointer, finding.message))
            });
            said.collect()
        };
        let all = r#"{
            "tools": [],
            "prompts": [{"name": "p", "arguments": [
                {"name": 3, "required": "true", "description": 5, "title": {}}, "x", {}
            ]}],
            "resources": [{"uri": "file:///x", "name": "x", "annotations":
                {"priority": "1", "audience": "user", "lastModified": 3, "title": 3}
            }],
            "nextCursor": 3, "ttlMs": "x", "cacheScope": 3
        }"#;
        insta::assert_snapshot!(found(all).join("\n"), @"
        /prompts/0/arguments/0/name `name` is a number, not a string
        /prompts/0/arguments/0/title `title` is an object, not a string
        /prompts/0/arguments/0/description `description` is a number, not a string
        /prompts/0/arguments/0/required `required` is a string, not a boolean
        /prompts/0/arguments/1 an argument is a string, not an object
        /prompts/0/arguments/2 an argument has no `name`
        /resources/0/annotations/audience `audience` is a string, not an array
        /resources/0/annotations/priority `priority` is a string, not a number
        /resources/0/annotations/lastModified `lastModified` is a number, not a string
        /nextCursor `nextCursor` is a number, not a string
        /ttlMs `ttlMs` is a string, not a number
        /cacheScope `cacheScope` is a number, not a string
        ");
        let fine = r#"{
            "tools": [],
            "prompts": [{"name": "p", "arguments": [{"name": "a", "required": true}]}],
            "resourceTemplates": [{"uriTemplate": "file:///{x}", "name": "x", "annotations":
                {"priority": 1, "audience": ["user"], "lastModified": "2026-01-31"}
            }],
            "nextCursor": "2", "ttlMs": 0, "cacheScope": "private"
        }"#;
        assert_eq!(found(fine), [""; 0]);
    }
}
