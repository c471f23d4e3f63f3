//! A file or a folder as it was in a revision, read through the `git` program.

use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, Command, Stdio},
    thread,
};

use super::{
    Content,
    file::{Choice, TOO_LARGE, read_bounded},
};
use crate::cli::{error::CliError, terminal::Terminal};

/// Reads `REV:PATH`.
pub(super) fn read(
    revision: &str,
    path: &str,
    max_bytes: usize,
    terminal: &Terminal,
) -> Result<Content, CliError> {
    let object = format!("{revision}:{path}");
    let failed = |reason: String| {
        CliError::usage(format!("cannot read {object} from git: {reason}")).help(
            "check the revision and the path, which counts from the root of the repository; a \
             shallow clone, as CI makes it, lacks other branches until `git fetch origin BRANCH`",
        )
    };
    match run(&["cat-file", "blob", &object], max_bytes) {
        Ok(bytes) => Ok(Content::Text(bytes)),
        // Asked for only now: nearly always it is a file, and a process more costs milliseconds.
        Err(error) => match run(&["cat-file", "-t", &object], 64) {
            Ok(kind) if kind.trim_ascii() == b"tree" => {
                let files = read_folder(&object, max_bytes, terminal).map_err(failed)?;
                let is_empty = files.is_empty();
                Choice::default().refuse_nothing(&format!("git:{object}"), is_empty)?;
                Ok(Content::Files(files))
            }
            _ => Err(failed(error)),
        },
    }
}

/// The files of a tree that may be surfaces, sorted by name.
fn read_folder(
    object: &str,
    max_bytes: usize,
    terminal: &Terminal,
) -> Result<Vec<(String, Vec<u8>)>, String> {
    let listing = run(&["ls-tree", "--full-tree", "-z", object], max_bytes)?;
    let mut choice = Choice::default();
    let mut chosen = Vec::new();
    for line in listing.split(|byte| *byte == 0).filter(|line| !line.is_empty()) {
        let line = String::from_utf8_lossy(line);
        // `<mode> <type> <hash>\t<name>`; a symbolic link is a blob of the mode 120000.
        let (entry, name) = line.split_once('\t').ok_or("`git ls-tree` gives no name")?;
        let mut words = entry.split(' ');
        let (mode, kind, hash) = (words.next(), words.next(), words.next());
        let is_file = kind == Some("blob") && mode != Some("120000");
        if choice.takes(name, is_file) {
            chosen.push((name.to_owned(), hash.unwrap_or_default().to_owned()));
        }
    }
    chosen.sort();
    choice.remark(&format!("git:{object}"), terminal);
    read_blobs(chosen, max_bytes)
}

/// Reads many blobs with one process: `git cat-file --batch` answers each hash with a line
/// `<hash> <type> <size>`, the bytes, and a newline.
fn read_blobs(
    chosen: Vec<(String, String)>,
    max_bytes: usize,
) -> Result<Vec<(String, Vec<u8>)>, String> {
    let mut child = git(&["cat-file", "--batch"], Stdio::piped())?;
    let mut stdin = child.stdin.take().expect("standard input is piped");
    let questions: String = chosen.iter().map(|(_, hash)| format!("{hash}\n")).collect();
    // Written beside the reading: with thousands of files both pipes would fill up. A process that
    // dies meanwhile is seen by its answers.
    let writer = thread::spawn(move || stdin.write_all(questions.as_bytes()));
    let mut answers = BufReader::new(child.stdout.take().expect("standard output is piped"));
    let mut left = max_bytes;
    let mut files = Vec::new();
    for (name, hash) in chosen {
        let mut line = String::new();
        answers.read_line(&mut line).map_err(|error| error.to_string())?;
        let size = line.trim_end().rsplit(' ').next().and_then(|size| size.parse::<usize>().ok());
        let Some(size) = size.filter(|_| line.starts_with(&hash)) else {
            return Err(format!("{name}: {}", line.trim_end()));
        };
        if size > left {
            let _ = child.kill();
            return Err(TOO_LARGE.to_owned());
        }
        left -= size;
        let mut bytes = vec![0; size + 1];
        answers.read_exact(&mut bytes).map_err(|error| format!("{name}: {error}"))?;
        bytes.pop();
        files.push((name, bytes));
    }
    drop(answers);
    let _ = writer.join();
    let _ = child.wait();
    Ok(files)
}

/// What `git` prints, or what it complains about.
fn run(arguments: &[&str], max_bytes: usize) -> Result<Vec<u8>, String> {
    let mut child = git(arguments, Stdio::null())?;
    let stdout = child.stdout.take().expect("standard output is piped");
    let bytes = read_bounded(stdout, max_bytes).map_err(|error| error.to_string())?;
    let result = child.wait_with_output().map_err(|error| error.to_string())?;
    if result.status.success() {
        Ok(bytes)
    } else {
        Err(String::from_utf8_lossy(&result.stderr).trim().to_owned())
    }
}

fn git(arguments: &[&str], stdin: Stdio) -> Result<Child, String> {
    let mut command = Command::new("git");
    command.args(arguments).stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().map_err(|error| format!("the program `git` does not start: {error}"))
}
