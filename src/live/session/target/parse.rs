//! From words to a [`Target`].

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use super::{Pair, Target, TargetError};

/// Endings that make a word a path even where no such file exists, so that a misspelt file is
/// reported as a missing file and not as an unknown server.
const FILE_ENDINGS: [&str; 7] = [".json", ".jsonl", ".jsonc", ".toml", ".yaml", ".yml", ".mcpb"];

impl Target {
    /// Decides what the words after a command mean. `positional` is the target argument, `command`
    /// everything after `--`. The only question to the file system is what a path leads to.
    ///
    /// # Errors
    /// When nothing or two things are given, or a form is recognised and malformed.
    ///
    /// ```
    /// use mcp_kit::live::session::target::Target;
    ///
    /// let target = Target::parse(Some("@crm+writes"), &[])?;
    /// assert_eq!(target, Target::Bundled { name: "crm".to_owned(), writes: true });
    /// # Ok::<(), mcp_kit::live::session::target::TargetError>(())
    /// ```
    pub fn parse(positional: Option<&str>, command: &[OsString]) -> Result<Self, TargetError> {
        match (positional, command.split_first()) {
            (Some(word), Some(_)) => Err(TargetError::Two(word.to_owned())),
            (None, Some((program, args))) => {
                Ok(Self::Command { program: program.clone(), args: args.to_vec() })
            }
            (None | Some(""), None) => Err(TargetError::Missing),
            (Some(word), None) => parse_word(word),
        }
    }
}

impl Pair {
    /// Decides what is compared. A command after `--` is what is new; a single target is new too,
    /// and compared with the contract that is committed here.
    ///
    /// # Errors
    /// When nothing or three things are given, standard input twice, or a form is recognised and
    /// malformed.
    ///
    /// ```
    /// use mcp_kit::live::session::target::{Pair, Target};
    ///
    /// let pair = Pair::parse(&["old.json", "new.json"], &[])?;
    /// assert_eq!(pair.old, Some(Target::File("old.json".into())));
    /// assert_eq!(Pair::parse(&["new.json"], &[])?.old, None);
    /// # Ok::<(), mcp_kit::live::session::target::TargetError>(())
    /// ```
    pub fn parse(words: &[&str], command: &[OsString]) -> Result<Self, TargetError> {
        let pair = match (words, command) {
            ([], []) => return Err(TargetError::Missing),
            ([old, new, ..], [_, ..]) => {
                return Err(TargetError::Three((*old).to_owned(), (*new).to_owned()));
            }
            ([old, new, ..], []) => Self {
                old: Some(Target::parse(Some(old), &[])?),
                new: Target::parse(Some(new), &[])?,
            },
            ([old], [_, ..]) => Self {
                old: Some(Target::parse(Some(old), &[])?),
                new: Target::parse(None, command)?,
            },
            (words, command) => {
                Self { old: None, new: Target::parse(words.first().copied(), command)? }
            }
        };
        if pair.old == Some(Target::Stdin) && pair.new == Target::Stdin {
            return Err(TargetError::StdinTwice);
        }
        Ok(pair)
    }
}

fn parse_word(word: &str) -> Result<Target, TargetError> {
    if word == "-" {
        return Ok(Target::Stdin);
    }
    if let Some(rest) = word.strip_prefix('@') {
        return parse_bundled(word, rest);
    }
    if let Some(rest) = word.strip_prefix("git:") {
        return parse_git(word, rest);
    }
    if word.contains("://") {
        check_url(word)?;
        return Ok(Target::Url(word.to_owned()));
    }
    let path = Path::new(word);
    if path.is_file() {
        return Ok(Target::File(path.to_owned()));
    }
    if word.contains('#') {
        return parse_reference(word);
    }
    // A folder of a plain name does not count: `crm/` beside a server called `crm` is the normal
    // case.
    let is_folder = path.is_dir() && path.components().count() > 1;
    if is_folder || is_spelt_as_path(word) {
        let is_folder = is_folder || word.ends_with('/') || path.is_dir();
        let target = if is_folder { Target::Folder } else { Target::File };
        return Ok(target(path.to_owned()));
    }
    Ok(Target::Configured { file: None, name: Some(word.to_owned()) })
}

fn parse_bundled(word: &str, rest: &str) -> Result<Target, TargetError> {
    let (name, writes) = match rest.split_once('+') {
        None => (rest, false),
        Some((name, "writes")) => (name, true),
        Some(_) => return Err(TargetError::Bundled(word.to_owned())),
    };
    let is_name = name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if is_name {
        Ok(Target::Bundled { name: name.to_owned(), writes })
    } else {
        Err(TargetError::Bundled(word.to_owned()))
    }
}

/// The revision ends at the first colon. One that starts with a hyphen is refused here, because
/// `git` would read it as an option.
fn parse_git(word: &str, rest: &str) -> Result<Target, TargetError> {
    match rest.split_once(':') {
        Some((revision, path))
            if !revision.is_empty() && !revision.starts_with('-') && !path.is_empty() =>
        {
            Ok(Target::Git { revision: revision.to_owned(), path: path.to_owned() })
        }
        _ => Err(TargetError::Git(word.to_owned())),
    }
}

/// Refuses what the transports cannot reach. Everything past the host is left to the HTTP client.
pub(in crate::live::session) fn check_url(url: &str) -> Result<(), TargetError> {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let scheme = scheme.to_ascii_lowercase();
    if scheme != "http" && scheme != "https" {
        return Err(TargetError::Scheme { scheme });
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    if host.is_empty() || host.starts_with(':') {
        return Err(TargetError::NoHost(url.to_owned()));
    }
    Ok(())
}

/// Splits `FILE#NAME` at the first `#` whose left side is a file, or else at the first `#`: both
/// file names and server names may contain one.
fn parse_reference(word: &str) -> Result<Target, TargetError> {
    let split = word
        .match_indices('#')
        .map(|(index, _)| index)
        .find(|&index| Path::new(&word[..index]).is_file())
        .or_else(|| word.find('#'))
        .expect("the caller has seen a `#`");
    let (file, name) = (&word[..split], &word[split + 1..]);
    if file.is_empty() || name.is_empty() {
        return Err(TargetError::HalfReference(word.to_owned()));
    }
    Ok(Target::Configured { file: Some(PathBuf::from(file)), name: Some(name.to_owned()) })
}

/// Whether a word is a path by its looks. A slash in the middle is not enough: servers have names
/// like `io.github.owner/crm`.
fn is_spelt_as_path(word: &str) -> bool {
    let has_file_ending =
        FILE_ENDINGS.iter().any(|ending| word.len() > ending.len() && word.ends_with(ending));
    let starts_as_path =
        ["./", "../", "/", "~/", ".\\", "..\\"].iter().any(|start| word.starts_with(start))
            || word == "."
            || word == ".."
            || Path::new(word).is_absolute();
    has_file_ending || starts_as_path || word.ends_with('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(word: &str) -> Result<Target, TargetError> {
        Target::parse(Some(word), &[])
    }

    fn name(name: &str) -> Target {
        Target::Configured { file: None, name: Some(name.to_owned()) }
    }

    #[test]
    fn a_command_is_taken_verbatim() {
        let command = ["node", "--", "-x", "https://a"].map(OsString::from);
        let target = Target::parse(None, &command).unwrap();
        let args = ["--", "-x", "https://a"].map(OsString::from).to_vec();
        assert_eq!(target, Target::Command { program: "node".into(), args });
        assert_eq!(target.to_string(), "-- node -- -x https://a");
    }

    #[test]
    fn one_target_exactly() {
        let command = [OsString::from("node")];
        assert_eq!(Target::parse(None, &[]), Err(TargetError::Missing));
        assert_eq!(Target::parse(Some(""), &[]), Err(TargetError::Missing));
        assert_eq!(Target::parse(Some("crm"), &command), Err(TargetError::Two("crm".into())));
    }

    #[test]
    fn every_form_without_a_file() {
        for (word, expected) in [
            ("-", Target::Stdin),
            ("https://example.com/mcp#x", Target::Url("https://example.com/mcp#x".into())),
            ("HTTP://[::1]:80", Target::Url("HTTP://[::1]:80".into())),
            ("@crm", Target::Bundled { name: "crm".into(), writes: false }),
            ("@crm+writes", Target::Bundled { name: "crm".into(), writes: true }),
            (
                "git:origin/main:docs/a:b.json",
                Target::Git { revision: "origin/main".into(), path: "docs/a:b.json".into() },
            ),
            ("missing.json", Target::File("missing.json".into())),
            ("./server", Target::File("./server".into())),
            ("crm", name("crm")),
            ("io.github.owner/crm", name("io.github.owner/crm")),
            ("My Server", name("My Server")),
            (".json", name(".json")),
        ] {
            let target = parse(word).unwrap();
            assert_eq!(target, expected, "{word}");
            assert_eq!(target.to_string(), word);
        }
    }

    #[test]
    fn malformed_forms_are_refused_with_help() {
        for (word, message) in [
            ("ws://example.com", "`ws` is not a scheme mcp-kit can reach"),
            ("file:///tmp/a.json", "`file` is not a scheme mcp-kit can reach"),
            ("http://", "`http://` names no host"),
            ("https://user@:80/", "`https://user@:80/` names no host"),
            ("@", "`@` is not the name of a bundled connector"),
            ("@crm+write", "`@crm+write` is not the name of a bundled connector"),
            ("@../crm", "`@../crm` is not the name of a bundled connector"),
            ("git:main", "`git:main` is not of the form `git:REV:PATH`"),
            ("git::a.json", "`git::a.json` is not of the form `git:REV:PATH`"),
            ("git:--output=x:a", "`git:--output=x:a` is not of the form `git:REV:PATH`"),
            (".mcp.json#", "`.mcp.json#` has nothing on one side of `#`"),
            ("#crm", "`#crm` has nothing on one side of `#`"),
        ] {
            let error = parse(word).unwrap_err();
            assert_eq!(error.to_string(), message);
            assert!(!error.help().is_empty());
        }
    }

    #[test]
    fn files_that_exist() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let word = |name: &str| path(name).to_str().unwrap().to_owned();
        for name in ["a", "a#b", ".mcp.json"] {
            std::fs::write(path(name), "{}").unwrap();
        }
        let reference = |file: &str, name: &str| Target::Configured {
            file: Some(path(file)),
            name: Some(name.to_owned()),
        };
        assert_eq!(parse(&word("a")).unwrap(), Target::File(path("a")));
        assert_eq!(parse(&word("a#b")).unwrap(), Target::File(path("a#b")));
        assert_eq!(parse(&word("a#c#d")).unwrap(), reference("a", "c#d"));
        assert_eq!(parse(&word(".mcp.json#crm")).unwrap(), reference(".mcp.json", "crm"));
        assert_eq!(parse(&word("none.json#crm")).unwrap(), reference("none.json", "crm"));
    }

    #[test]
    fn a_folder_is_spelt_with_a_slash() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("snapshots.json");
        std::fs::create_dir(&inner).unwrap();
        for path in [folder.path(), &inner, "missing/".as_ref(), "src/live".as_ref()] {
            let word = path.to_str().unwrap();
            assert_eq!(parse(word).unwrap(), Target::Folder(path.to_owned()), "{word}");
        }
        assert_eq!(parse("src").unwrap(), name("src"));
        assert_eq!(parse("src/").unwrap(), Target::Folder("src/".into()));
    }

    #[test]
    fn two_targets() {
        let parse = |words: &[&str], command: &[&str]| {
            let command: Vec<_> = command.iter().map(OsString::from).collect();
            Pair::parse(words, &command)
        };
        let file = |name: &str| Target::File(name.into());
        let server = Target::Command { program: "node".into(), args: Vec::new() };
        let pair = |old: Option<Target>, new: Target| Ok(Pair { old, new });
        assert_eq!(parse(&["a.json", "b.json"], &[]), pair(Some(file("a.json")), file("b.json")));
        assert_eq!(parse(&["a.json"], &["node"]), pair(Some(file("a.json")), server.clone()));
        assert_eq!(parse(&[], &["node"]), pair(None, server));
        assert_eq!(parse(&["a.json"], &[]), pair(None, file("a.json")));
        assert_eq!(parse(&["-"], &[]), pair(None, Target::Stdin));
        assert_eq!(parse(&[], &[]), Err(TargetError::Missing));
        assert_eq!(parse(&["-", "-"], &[]), Err(TargetError::StdinTwice));
        let three = TargetError::Three("a.json".into(), "crm".into());
        assert_eq!(parse(&["a.json", "crm"], &["node"]), Err(three));
    }
}
