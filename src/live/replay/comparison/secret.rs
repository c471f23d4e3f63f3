//! Secrets that were kept out of a recording, put in again where its calls need them.

use serde_json::Value;

use crate::engine::cassette::redact::placeholders;

/// What stands for placeholders in this run.
#[derive(Clone, Default)]
pub struct Secrets {
    /// The name, and the value.
    values: Vec<(String, String)>,
}

impl Secrets {
    /// That a value is what a placeholder stands for. The placeholder is named as a whole, by what is
    /// between its brackets after `redacted:`, by its last part, or by its kind.
    pub fn add(&mut self, name: &str, value: &str) {
        self.values.push((named(name).to_owned(), value.to_owned()));
    }

    /// Arguments with secrets in their places, or the first placeholder for which there is none.
    pub fn filled(&self, arguments: &Value) -> Result<Value, String> {
        Ok(match arguments {
            Value::String(text) => Value::String(self.text(text)?),
            Value::Array(items) => {
                Value::Array(items.iter().map(|item| self.filled(item)).collect::<Result<_, _>>()?)
            }
            Value::Object(members) => {
                let filled = members
                    .iter()
                    .map(|(name, member)| Ok((name.clone(), self.filled(member)?)))
                    .collect::<Result<_, String>>()?;
                Value::Object(filled)
            }
            other => other.clone(),
        })
    }

    fn text(&self, text: &str) -> Result<String, String> {
        let (mut filled, mut end) = (String::new(), 0);
        for place in placeholders(text) {
            let placeholder = &text[place.clone()];
            let value = self.of(placeholder).ok_or_else(|| placeholder.to_owned())?;
            filled.push_str(&text[end..place.start]);
            filled.push_str(value);
            end = place.end;
        }
        filled.push_str(&text[end..]);
        Ok(filled)
    }

    fn of(&self, placeholder: &str) -> Option<&str> {
        let name = named(placeholder);
        let (kind, digest) = name.split_once(':')?;
        // The whole name before one of its parts.
        let by = |wanted: &str| self.values.iter().find(|(given, _)| given == wanted);
        let found = by(name).or_else(|| by(digest)).or_else(|| by(kind))?;
        Some(&found.1)
    }

    /// A text in which no secret stands.
    pub fn hidden(&self, text: &str) -> String {
        let mut hidden = text.to_owned();
        for (name, value) in self.values.iter().filter(|(_, value)| !value.is_empty()) {
            // In JSON a secret may be written with escapes.
            let escaped = Value::from(value.as_str()).to_string();
            let mark = format!("(secret {name})");
            hidden = hidden.replace(value.as_str(), &mark);
            hidden = hidden.replace(escaped.trim_matches('"'), &mark);
        }
        hidden
    }

    /// A value in which no secret stands: names of members are left as they are.
    pub fn taken_out(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.hidden(text)),
            Value::Array(items) => items.iter().map(|item| self.taken_out(item)).collect(),
            Value::Object(members) => members
                .iter()
                .map(|(name, member)| (name.clone(), self.taken_out(member)))
                .collect(),
            other => other.clone(),
        }
    }
}

fn named(placeholder: &str) -> &str {
    let name = placeholder.trim_start_matches('«').trim_end_matches('»');
    name.strip_prefix("redacted:").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Secrets;

    #[test]
    fn a_secret_is_put_in_by_the_name_of_its_placeholder() {
        let arguments = json!({"a": "«redacted:password:0badcafe»",
            "list": ["Bearer «redacted:github-token:7f3a91c2»!", 1]});
        for name in [
            "«redacted:github-token:7f3a91c2»",
            "github-token:7f3a91c2",
            "7f3a91c2",
            "github-token",
        ] {
            let mut secrets = Secrets::default();
            secrets.add(name, "ghp_1");
            assert_eq!(secrets.filled(&arguments), Err("«redacted:password:0badcafe»".to_owned()));
            secrets.add("password", "\"x\"");
            let filled = secrets.filled(&arguments).unwrap();
            assert_eq!(filled, json!({"a": "\"x\"", "list": ["Bearer ghp_1!", 1]}));
            let shown = secrets.hidden(&filled.to_string());
            assert!(!shown.contains("ghp_1") && !shown.contains("\\\"x"), "{shown}");
            assert!(!secrets.taken_out(&filled).to_string().contains("ghp_1"));
        }
        assert_eq!(Secrets::default().filled(&json!("plain")), Ok(json!("plain")));
    }
}
