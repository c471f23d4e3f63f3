use crate::engine::{
    finding::{Confidence, Severity},
    protocol::pointer::Pointer,
    rule::{
        Check, Hit, Profile, Rule,
        client::{Client, What},
        wording,
    },
    semantics::word::words,
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "desc/critical-info-after-cut",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Recommended,
    help: "move what must be known to the first lines, or to the description of the argument it is \
           about",
    documentation: "
What a model must know stands behind the place where a client cuts the text.

## Why
Claude Code cuts tool descriptions and instructions at 2,048 characters. That the text is too long is
reported by `desc/over-2048`; this rule says that the lost part matters: it has a sentence with must,
never, only, required, limit or the like. Limits and warnings tend to come last, so they are what is
lost.

## Bad
```text
\"description\": \"… 2,100 characters … Never call this for orders that have shipped.\"
```

## Good
```text
\"description\": \"Cancels one order. Never call this for orders that have shipped. …\"
```

## References
- anthropics/claude-code#87650, anthropics/claude-code#39106
",
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    let instructions = surface.server.instructions.iter();
    let instructions =
        instructions.map(|text| (text.as_str(), surface.pointer.join("instructions")));
    let descriptions = surface
        .tools
        .iter()
        .filter_map(|tool| Some((tool.description.as_deref()?, tool.pointer.join("description"))));
    instructions.chain(descriptions).filter_map(|(text, pointer)| judge(text, pointer)).collect()
}

fn judge(text: &str, pointer: Pointer) -> Option<Hit> {
    let limit = Client::ClaudeCode.most(What::Description);
    // No text has more UTF-16 units than bytes.
    if text.len() <= limit {
        return None;
    }
    let lost = behind(text, limit)?;
    let sentence = lost
        .split_inclusive(['.', '!', '\n'])
        .find(|sentence| words(sentence).iter().any(|word| CRITICAL.contains(&word.as_str())))?;
    let shown = wording::shorten(sentence.trim());
    let message = format!("behind the {limit} characters that clients pass on stands \"{shown}\"");
    Some(Hit::new(pointer, message))
}

/// What is left of a text behind so many UTF-16 code units.
fn behind(text: &str, limit: usize) -> Option<&str> {
    let mut units = 0;
    let (start, _) = text.char_indices().find(|(_, character)| {
        units += character.len_utf16();
        units > limit
    })?;
    Some(&text[start..])
}

const CRITICAL: &[&str] = &[
    "always", "cannot", "danger", "forbidden", "important", "irreversible", "limit", "limited",
    "maximum", "minimum", "must", "never", "only", "permanently", "prohibited", "required",
    "warning",
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::RULE;
    use crate::engine::{protocol::json::Limits, rule::apply, surface};

    #[test]
    fn only_what_is_lost_and_matters_is_reported() {
        let findings = |before: usize, after: &str| {
            let description = format!("{}{after}", "word ".repeat(before));
            let tools = json!({"tools": [{"name": "cancel_order", "description": description}]});
            let surface = surface::read(tools.to_string().as_bytes(), &Limits::default()).unwrap();
            apply(&RULE, &surface)
        };
        let found =
            findings(420, "More words. It must never be used for shipped orders. And so on.");
        assert!(found[0].message.contains("must never be used"), "{found:#?}");
        assert!(findings(420, "More words, which say nothing new.").is_empty());
        assert!(findings(300, "It must never be used for shipped orders.").is_empty());
    }
}
