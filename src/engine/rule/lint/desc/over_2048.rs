use crate::engine::{
    finding::{Confidence, Severity},
    rule::{
        Check, Hit, Profile, Rule,
        client::{Client, What},
    },
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "desc/over-2048",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "bring it under 2,048 characters: what must be known to choose and call stays, and first; \
           examples and background go to a resource or to the descriptions of arguments",
    documentation: "
A description or the server's instructions are longer than a widely used client passes on.

## Why
Claude Code cuts tool descriptions and server instructions at 2,048 characters and tells neither the
user nor the server. What stands behind the cut (often the limits and the warnings, which come last)
has never been read by the model. Counted are UTF-16 code units, as that client counts them: an emoji
is two. The official `sequentialthinking` tool is one of those cut.

## Bad
```text
\"description\": \"… 3,100 characters … Never call this for orders that have shipped.\"
```

## Good
```text
\"description\": \"Cancels one order that has not shipped. … 400 characters …\"
```

## References
- anthropics/claude-code#87650, anthropics/claude-code#39106
",
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    // In UTF-16 code units: it is a JavaScript program.
    let limit = Client::ClaudeCode.most(What::Description);
    let instructions = surface
        .server
        .instructions
        .iter()
        .map(|text| ("the instructions are", text, surface.pointer.join("instructions")));
    let descriptions = surface.tools.iter().filter_map(|tool| {
        let text = tool.description.as_ref()?;
        Some(("the description is", text, tool.pointer.join("description")))
    });
    let texts = instructions.chain(descriptions);
    texts
        .filter_map(|(subject, text, pointer)| {
            let length = text.encode_utf16().count();
            let message =
                || format!("{subject} {length} UTF-16 code units long, and clients cut at {limit}");
            (length > limit).then(|| Hit::new(pointer, message()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::engine::{protocol::json::Limits, rule::apply, surface};

    #[test]
    fn the_limit_itself_is_fine() {
        let hits = |character: &str, description: usize, instructions: usize| {
            let text = format!(
                r#"{{"instructions":"{}","tools":[{{"name":"get_order","description":"{}"}}]}}"#,
                character.repeat(instructions),
                character.repeat(description),
            );
            let surface = surface::read(text.as_bytes(), &Limits::default()).unwrap();
            apply(&RULE, &surface).len()
        };
        assert_eq!(hits("é", 2048, 2048), 0);
        assert_eq!(hits("é", 2049, 2048), 1);
        assert_eq!(hits("é", 2048, 2049), 1);
        assert_eq!(hits("🎂", 1024, 1024), 0);
        assert_eq!(hits("🎂", 1025, 1024), 1);
    }
}
