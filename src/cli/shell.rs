//! Words and targets as a POSIX shell reads them back: advice is pasted.

use crate::live::{mask, session::target::Target};

/// A word, in quotes where the shell would make something else of it. None for a word that no shell
/// can be given.
pub(super) fn quoted(word: &str) -> Option<String> {
    shlex::try_quote(word).ok().map(Into::into)
}

/// A target as it can be typed again. None where something in it is not to be shown.
pub(super) fn target(target: &Target) -> Option<String> {
    let Target::Command { program, args } = target else {
        let shown = target.to_string();
        let is_whole = match target {
            Target::Url(url) => *url == shown,
            _ => true,
        };
        return quoted(&shown).filter(|_| is_whole);
    };
    let words: Vec<_> =
        std::iter::once(program).chain(args).map(|word| word.to_string_lossy()).collect();
    if mask::command(&words) != words.join(" ") {
        return None;
    }
    let words: Option<Vec<String>> = words.iter().map(|word| quoted(word)).collect();
    Some(format!("-- {}", words?.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::{quoted, target};
    use crate::live::session::target::Target;

    #[test]
    fn what_is_pasted_is_what_was_meant() {
        assert_eq!(quoted("contract.json").unwrap(), "contract.json");
        let hostile = Target::File("a$(touch PWNED) b.json".into());
        assert_eq!(target(&hostile).unwrap(), "'a$(touch PWNED) b.json'");
        let command = |words: &[&str]| Target::Command {
            program: words[0].into(),
            args: words[1..].iter().map(Into::into).collect(),
        };
        assert_eq!(target(&command(&["my server", "-v"])).unwrap(), "-- 'my server' -v");
        assert_eq!(target(&command(&["server", "--token=abc"])), None);
    }
}
