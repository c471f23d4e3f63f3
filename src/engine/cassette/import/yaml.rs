//! YAML as JSON text, from the events of `saphyr-parser`.
//!
//! Only what has a form in JSON: plain scalars by the core schema of YAML 1.2 (section 10.3.2), and
//! aliases, which Python writes wherever a value stands twice. Events rather than the ready-made tree
//! of `saphyr`: that tree is as deep as the file says, and dropping a hostile one overflows the
//! stack.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

/// How deep a value may be.
const MAX_DEPTH: usize = 512;

/// How many times the text of a file its JSON may be long: aliases of aliases grow without end.
const MAX_GROWTH: usize = 16;

/// The JSON text of the first document of a file.
///
/// # Errors
/// When it is no YAML, or has no form in JSON: why, as a lowercase fragment.
pub(super) fn to_json(text: &str) -> Result<String, String> {
    let mut writer =
        Writer { most: text.len().saturating_mul(MAX_GROWTH) + 4_096, ..Writer::default() };
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, span) =
            event.map_err(|error| format!("{} in line {}", error.info(), error.marker().line()))?;
        if event == Event::DocumentEnd {
            break;
        }
        writer.take(event).map_err(|reason| format!("{reason} in line {}", span.start.line()))?;
        if writer.json.len() > writer.most {
            return Err("its aliases grow beyond all measure".to_owned());
        }
    }
    Ok(writer.json)
}

#[derive(Default)]
struct Writer {
    json: String,
    /// The containers that are open, outermost first.
    open: Vec<Open>,
    /// Where the text of an anchored value lies.
    anchors: HashMap<usize, (usize, usize)>,
    most: usize,
}

struct Open {
    is_mapping: bool,
    /// The keys and values so far.
    parts: usize,
    start: usize,
    anchor: usize,
}

impl Writer {
    fn take(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::SequenceStart(anchor, _) => self.begin(false, anchor),
            Event::MappingStart(anchor, _) => self.begin(true, anchor),
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(open) = self.open.pop() else { return Ok(()) };
                self.json.push(if open.is_mapping { '}' } else { ']' });
                self.anchors.insert(open.anchor, (open.start, self.json.len()));
                Ok(())
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.separate()?;
                let start = self.json.len();
                let is_key = self.is_key();
                let json = scalar(&text, style, tag.as_deref(), is_key);
                self.json.push_str(&json);
                self.anchors.insert(anchor, (start, self.json.len()));
                Ok(())
            }
            Event::Alias(anchor) => {
                let (start, end) = *self.anchors.get(&anchor).ok_or("an alias of nothing")?;
                self.separate()?;
                let text = self.json[start..end].to_owned();
                if self.is_key() && !text.starts_with('"') {
                    return Err("a key that is no text".to_owned());
                }
                self.json.push_str(&text);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn begin(&mut self, is_mapping: bool, anchor: usize) -> Result<(), String> {
        self.separate()?;
        if self.is_key() {
            return Err("a key that is no text".to_owned());
        }
        if self.open.len() == MAX_DEPTH {
            return Err(format!("it is nested more than {MAX_DEPTH} deep"));
        }
        self.open.push(Open { is_mapping, parts: 0, start: self.json.len(), anchor });
        self.json.push(if is_mapping { '{' } else { '[' });
        Ok(())
    }

    /// Writes what stands before the next key or value.
    fn separate(&mut self) -> Result<(), String> {
        if let Some(open) = self.open.last_mut() {
            match (open.is_mapping, open.parts) {
                (_, 0) => {}
                (true, parts) if parts % 2 == 1 => self.json.push(':'),
                _ => self.json.push(','),
            }
            open.parts += 1;
        } else if !self.json.is_empty() {
            return Err("more than one value".to_owned());
        }
        Ok(())
    }

    /// Whether what is to be written is a key; ask after [`Self::separate`].
    fn is_key(&self) -> bool {
        self.open.last().is_some_and(|open| open.is_mapping && open.parts % 2 == 1)
    }
}

/// A scalar as JSON. A number keeps its digits where JSON can write them.
fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>, is_key: bool) -> String {
    let as_text = || serde_json::to_string(text).expect("a text becomes JSON");
    if style != ScalarStyle::Plain || tag.is_some() || is_key {
        return as_text();
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => "null".to_owned(),
        "true" | "True" | "TRUE" => "true".to_owned(),
        "false" | "False" | "FALSE" => "false".to_owned(),
        _ if is_json_number(text) => text.to_owned(),
        _ => match text.strip_prefix('+').unwrap_or(text).parse::<f64>() {
            // `1.`, `.5`, `+1`: numbers of YAML only. What is infinite has no form in JSON.
            Ok(number) if number.is_finite() && text.bytes().any(|it| it.is_ascii_digit()) => {
                number.to_string()
            }
            _ => as_text(),
        },
    }
}

fn is_json_number(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit() || first == '-')
        && serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::to_json;

    #[test]
    fn yaml_becomes_json() {
        for (yaml, json) in [
            (
                "a: 1\nb: [x, 'y', \"\\xE4\", ~, true, 1.50, .5, +1, -3]\nc: {}\n",
                r#"{"a":1,"b":["x","y","ä",null,true,1.50,0.5,1,-3],"c":{}}"#,
            ),
            (
                "- &id001\n  a: '1'\n- *id001\n- k: *id001\n",
                r#"[{"a":"1"},{"a":"1"},{"k":{"a":"1"}}]"#,
            ),
            ("1: 2\nnull: |\n  two\n  lines\n", r#"{"1":2,"null":"two\nlines\n"}"#),
            ("12345678901234567890123", "12345678901234567890123"),
            ("-.inf", "\"-.inf\""),
            ("", ""),
        ] {
            assert_eq!(to_json(yaml).as_deref(), Ok(json), "{yaml}");
        }
    }

    #[test]
    fn what_has_no_form_in_json_or_no_end_is_refused() {
        assert!(to_json("a: [1\n").is_err());
        assert!(to_json("? [a]\n: 1\n").unwrap_err().starts_with("a key that is no text"));
        assert!(to_json(&"- ".repeat(50_000)).unwrap_err().contains("deep"));
        let mut bomb = "a0: &a0 [x, x, x, x]\n".to_owned();
        for level in 1..40 {
            let under = format!("*a{}", level - 1);
            bomb += &format!("a{level}: &a{level} [{under}, {under}, {under}, {under}]\n");
        }
        assert!(to_json(&bomb).unwrap_err().contains("grow"), "aliases of aliases");
    }
}
