//! A rule's documentation taken apart: sections, and the examples the tests run.

/// One example of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example<'a> {
    /// Whether the rule must find something in it.
    pub is_bad: bool,
    /// What the code block says it is: `json` for a surface document, `stdout` for the lines a
    /// server writes, one answer for each request.
    pub language: &'a str,
    /// The code.
    pub code: &'a str,
}

/// The text under a second-level heading, without the heading.
pub fn section<'a>(documentation: &'a str, heading: &str) -> Option<&'a str> {
    let marker = format!("## {heading}\n");
    let start = documentation.find(&marker)? + marker.len();
    let rest = &documentation[start..];
    Some(rest.find("\n## ").map_or(rest, |end| &rest[..end]).trim())
}

/// The code blocks under Bad and Good, in order.
pub fn examples(documentation: &str) -> Vec<Example<'_>> {
    let mut examples = Vec::new();
    for (heading, is_bad) in [("Bad", true), ("Good", false)] {
        let mut rest = section(documentation, heading).unwrap_or_default();
        while let Some((_, block)) = rest.split_once("```") {
            let Some((language, code)) = block.split_once('\n') else { break };
            let Some((code, after)) = code.split_once("```") else { break };
            examples.push(Example { is_bad, language: language.trim(), code });
            rest = after;
        }
    }
    examples
}
