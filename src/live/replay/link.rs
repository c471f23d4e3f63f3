//! What a user says about links between recorded calls: one more, or none here.
//!
//! A place is `TOOL#/pointer`, or `LINE#/pointer` for one call alone. Among arguments it is where a
//! value is used, in an answer where it comes from; `*` stands for any member or index. Not for:
//! finding links, which `binding` does.

use std::{fmt, str::FromStr};

use serde_json::Value;

/// A place in a recorded call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    of: Of,
    /// As a JSON Pointer; empty for everything.
    pub pointer: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Of {
    Line(u64),
    Tool(String),
}

/// Links that are given, and places that take part in none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LinkRules {
    /// From where in an answer to where among arguments.
    pub links: Vec<(Place, Place)>,
    /// Where nothing is put in and nothing is taken from.
    pub never: Vec<Place>,
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` is no place: write TOOL#/pointer, or LINE#/pointer for one call alone"
            )
        };
        let (of, pointer) = text.split_once('#').ok_or_else(wrong)?;
        if of.is_empty() || !(pointer.is_empty() || pointer.starts_with('/')) {
            return Err(wrong());
        }
        let of = of.parse().map_or_else(|_| Of::Tool(of.to_owned()), Of::Line);
        Ok(Self { of, pointer: pointer.to_owned() })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.of {
            Of::Line(n) => write!(formatter, "{n}#{}", self.pointer),
            Of::Tool(tool) => write!(formatter, "{tool}#{}", self.pointer),
        }
    }
}

impl Place {
    /// Whether it is in a call.
    pub fn is_in(&self, n: u64, tool: &str) -> bool {
        match &self.of {
            Of::Line(line) => *line == n,
            Of::Tool(name) => name == tool,
        }
    }

    /// Whether a pointer leads to it or into it.
    pub fn covers(&self, n: u64, tool: &str, pointer: &str) -> bool {
        self.is_in(n, tool) && starts_with(pointer, &self.pointer)
    }
}

impl LinkRules {
    /// Whether a place is one that takes part in no link.
    pub fn forbids(&self, n: u64, tool: &str, pointer: &str) -> bool {
        self.never.iter().any(|place| place.covers(n, tool, pointer))
    }

    /// An answer without what no link comes from.
    pub fn pruned(&self, n: u64, tool: &str, content: &Value) -> Value {
        let mut pruned = content.clone();
        if self.never.iter().any(|place| place.is_in(n, tool)) {
            super::binding::each_scalar(content, &mut String::new(), &mut |pointer, _| {
                if self.forbids(n, tool, pointer)
                    && let Some(place) = pruned.pointer_mut(pointer)
                {
                    *place = Value::Null;
                }
            });
        }
        pruned
    }
}

/// Whether a pointer begins as another one does, of which `*` is any step.
pub(super) fn starts_with(pointer: &str, start: &str) -> bool {
    let mut steps = pointer.split('/');
    start.split('/').all(|wanted| steps.next().is_some_and(|step| wanted == "*" || wanted == step))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{LinkRules, Place};

    #[test]
    fn a_place_is_of_a_tool_or_of_one_call() {
        let place = |text: &str| text.parse::<Place>().unwrap();
        let of_tool = place("get_customer#/customers/*/id");
        assert!(of_tool.covers(4, "get_customer", "/customers/7/id"));
        assert!(!of_tool.covers(4, "get_customer", "/customers/7"));
        assert!(!of_tool.covers(4, "get_customers", "/customers/7/id"));
        let of_line = place("14#/change_id");
        assert!(of_line.covers(14, "any", "/change_id"));
        assert!(!of_line.covers(14, "any", "/change_ids"));
        assert!(!of_line.covers(15, "any", "/change_id"));
        assert!(place("14#").covers(14, "any", "/deep/er"));
        assert_eq!(place("14#/a").to_string(), "14#/a");
        for wrong in ["14", "#/a", "tool#a", ""] {
            assert!(wrong.parse::<Place>().unwrap_err().contains("TOOL#/pointer"), "{wrong}");
        }
    }

    #[test]
    fn what_no_link_comes_from_is_taken_out() {
        let rules = LinkRules {
            never: vec!["list#/items/*/name".parse().unwrap()],
            ..LinkRules::default()
        };
        let content = json!({"items": [{"name": "Ada", "id": "c-1"}]});
        let expected = json!({"items": [{"name": null, "id": "c-1"}]});
        assert_eq!(rules.pruned(1, "list", &content), expected);
        assert_eq!(rules.pruned(1, "other", &content), content);
    }
}
