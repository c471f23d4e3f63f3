//! A unified diff that `patch` and `git apply` take.
//!
//! Written here because the library's own takes a lone carriage return for the end of a line, which
//! no program that reads a patch does, and knows nothing of names with a space.

use similar::{ChangeTag, DiffOp, TextDiff};

/// How many lines stand around a change.
const CONTEXT: usize = 3;

/// What is different about a file; empty where nothing is.
pub(super) fn unified(file: &str, before: &str, after: &str) -> String {
    let [old, new] = [before, after].map(|text| text.split_inclusive('\n').collect::<Vec<_>>());
    let diff = TextDiff::from_slices(&old, &new);
    let mut patch = String::new();
    for hunk in diff.grouped_ops(CONTEXT) {
        let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else { continue };
        if patch.is_empty() {
            let name = name(file);
            patch = format!("--- {name}\n+++ {name}\n");
        }
        let range = |range: fn(&DiffOp) -> std::ops::Range<usize>| {
            lines(range(first).start..range(last).end)
        };
        let (old, new) = (range(DiffOp::old_range), range(DiffOp::new_range));
        patch.push_str(&format!("@@ -{old} +{new} @@\n"));
        for change in hunk.iter().flat_map(|operation| diff.iter_changes(operation)) {
            patch.push(match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            });
            let line = change.value();
            patch.push_str(line);
            if !line.ends_with('\n') {
                patch.push_str("\n\\ No newline at end of file\n");
            }
        }
    }
    patch
}

/// First line and count; without lines it is the line before.
fn lines(range: std::ops::Range<usize>) -> String {
    match range.len() {
        0 => format!("{},0", range.start),
        1 => (range.start + 1).to_string(),
        count => format!("{},{count}", range.start + 1),
    }
}

/// A name as git writes it: in quotes where it would not be one line or begins as a quoted one does,
/// and with a tab behind it where it has a space, which would end it.
fn name(file: &str) -> String {
    if !file.chars().any(|it| it.is_control() || it == '"' || it == '\\') {
        return if file.contains(' ') { format!("{file}\t") } else { file.to_owned() };
    }
    let mut quoted = String::from("\"");
    for character in file.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            other if other.is_control() => {
                let bytes = &mut [0; 4];
                for byte in other.encode_utf8(bytes).bytes() {
                    quoted.push_str(&format!("\\{byte:03o}"));
                }
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::unified;

    #[test]
    fn only_a_line_feed_ends_a_line() {
        let patch = unified("a.json", "{\r\"a\": 1,\r}\r", "{\r\"a\": 2,\r}\r");
        assert_eq!(
            patch,
            "--- a.json\n+++ a.json\n@@ -1 +1 @@\n-{\r\"a\": 1,\r}\r\n\\ No newline at end of file\n\
             +{\r\"a\": 2,\r}\r\n\\ No newline at end of file\n"
        );
        assert_eq!(unified("a.json", "a\n", "a\n"), "");
        let patch = unified("a.json", "a\r\nb\r\n", "a\r\nb\r\nc\r\n");
        assert_eq!(patch, "--- a.json\n+++ a.json\n@@ -1,2 +1,3 @@\n a\r\n b\r\n+c\r\n");
        assert!(unified("a.json", "", "a\n").contains("@@ -0,0 +1 @@\n+a\n"));
    }

    #[test]
    fn a_name_is_written_as_git_does() {
        let header = |name: &str| unified(name, "a\n", "b\n").lines().next().unwrap().to_owned();
        assert_eq!(header("a.json"), "--- a.json");
        assert_eq!(header("sp ace.json"), "--- sp ace.json\t");
        assert_eq!(header("new\nline.json"), "--- \"new\\nline.json\"");
        assert_eq!(header("quo\"te\u{1b}.json"), "--- \"quo\\\"te\\033.json\"");
    }
}
