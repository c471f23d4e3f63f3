//! Finds the variables in a text.

use super::ExpandFault;

/// A variable as it is named in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name<'a> {
    Environment {
        name: &'a str,
        default: Option<&'a str>,
    },
    Input(&'a str),
    WorkspaceFolder,
    WorkspaceFolderBasename,
    UserHome,
    PathSeparator,
    /// The part between the braces.
    Unsupported(&'a str),
}

/// Replaces every variable by what `value` says. With `bare_names`, `$NAME` is a variable too.
pub(super) fn fill<'a>(
    text: &'a str,
    bare_names: bool,
    mut value: impl FnMut(Name<'a>) -> Result<String, ExpandFault>,
) -> Result<String, ExpandFault> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(dollar) = rest.find('$') {
        filled.push_str(&rest[..dollar]);
        rest = &rest[dollar..];
        match variable(rest, bare_names) {
            Some((name, length)) => {
                filled.push_str(&value(name)?);
                rest = &rest[length..];
            }
            None => {
                filled.push('$');
                rest = &rest[1..];
            }
        }
    }
    filled.push_str(rest);
    Ok(filled)
}

/// The variable that starts at the dollar sign `text` begins with, and its length in bytes.
fn variable(text: &str, bare_names: bool) -> Option<(Name<'_>, usize)> {
    let after = &text[1..];
    if let Some(inside) = after.strip_prefix('{') {
        let end = inside.find('}')?;
        return Some((braced(&inside[..end])?, end + 3));
    }
    let length = name_length(after);
    let name = Name::Environment { name: &after[..length], default: None };
    (bare_names && length > 0).then_some((name, length + 1))
}

/// What stands between braces; none where it is no variable of ours.
fn braced(inside: &str) -> Option<Name<'_>> {
    match inside {
        "workspaceFolder" => return Some(Name::WorkspaceFolder),
        "workspaceFolderBasename" => return Some(Name::WorkspaceFolderBasename),
        "userHome" => return Some(Name::UserHome),
        "pathSeparator" | "/" => return Some(Name::PathSeparator),
        _ => {}
    }
    let length = name_length(inside);
    let (word, rest) = inside.split_at(length);
    if word.is_empty() {
        return None;
    }
    if rest.is_empty() {
        return Some(Name::Environment { name: word, default: None });
    }
    if let Some(default) = rest.strip_prefix(":-") {
        return Some(Name::Environment { name: word, default: Some(default) });
    }
    let argument = rest.strip_prefix(':')?;
    match word {
        "env" => match argument.split_once(":-") {
            Some((name, default)) => Some(Name::Environment { name, default: Some(default) }),
            None => Some(Name::Environment { name: argument, default: None }),
        },
        "input" => Some(Name::Input(argument)),
        // `${x:0:3}` and `${x:=y}` are for a shell; what a client would mean starts with a letter.
        _ if argument.starts_with(|first: char| first.is_ascii_alphabetic()) => {
            Some(Name::Unsupported(inside))
        }
        _ => None,
    }
}

/// How many bytes at the start are the name of a variable.
fn name_length(text: &str) -> usize {
    if text.starts_with(|first: char| first.is_ascii_digit()) {
        return 0;
    }
    text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill_with_names(text: &str, bare_names: bool) -> String {
        fill(text, bare_names, |name| Ok(format!("<{name:?}>"))).unwrap()
    }

    #[test]
    fn variables_of_every_form() {
        for (text, name) in [
            ("${A_1}", Name::Environment { name: "A_1", default: None }),
            ("${env:ä-x}", Name::Environment { name: "ä-x", default: None }),
            ("${A:-}", Name::Environment { name: "A", default: Some("") }),
            ("${A:-b:-c}", Name::Environment { name: "A", default: Some("b:-c") }),
            ("${env:A:-b}", Name::Environment { name: "A", default: Some("b") }),
            ("${input:api key}", Name::Input("api key")),
            ("${workspaceFolder}", Name::WorkspaceFolder),
            ("${userHome}", Name::UserHome),
            ("${/}", Name::PathSeparator),
            ("${config:editor.x}", Name::Unsupported("config:editor.x")),
        ] {
            let expected = format!("ä<{name:?}>}}");
            assert_eq!(fill_with_names(&format!("ä{text}}}"), false), expected);
        }
    }

    #[test]
    fn what_is_no_variable_is_left_alone() {
        for text in ["", "$", "$$", "${", "${}", "${A", "${1}", "${x%y}", "${x:0:3}", "$A", "a}"] {
            assert_eq!(fill_with_names(text, false), text);
        }
    }

    #[test]
    fn bare_names_where_they_are_asked_for() {
        let a = format!("{:?}", Name::Environment { name: "A", default: None });
        assert_eq!(fill_with_names("x$A-$1$", true), format!("x<{a}>-$1$"));
    }
}
