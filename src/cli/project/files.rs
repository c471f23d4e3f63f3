//! The files of a project: finding the nearest one, and reading it with those that it extends.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use crate::{
    cli::{
        beside::{self, Accepts},
        error::CliError,
    },
    engine::config::{self, Config, FILE_NAME},
};

/// One of the files.
#[derive(Debug)]
pub(in crate::cli) struct FileText {
    /// As it is shown.
    pub(in crate::cli) file: String,
    /// What stands in it.
    pub(in crate::cli) text: String,
}

/// Reads a file and what it extends: what counts, and the files, the extending one first.
///
/// # Errors
/// When one of them cannot be read, says something that cannot be, or is extended by a file that it
/// extends itself.
pub(super) fn read(path: &Path, file: &str) -> Result<(Config, Vec<FileText>), CliError> {
    let text =
        beside::read_text(path, Accepts::File).map_err(|error| beside::failed(file, &error))?;
    let mut config = parsed(&text, file)?;
    let mut files = vec![FileText { file: file.to_owned(), text }];
    let mut seen: Vec<PathBuf> = fs::canonicalize(path).into_iter().collect();
    let (mut path, mut next) = (path.to_owned(), config.lint.extends.clone());
    while let Some(extends) = next {
        let by = &files.last().expect("the first file is there").file;
        let place = format!("{by}:{}:{}", extends.position.line, extends.position.column);
        path = path.parent().unwrap_or(Path::new("")).join(&extends.path);
        let shown = path.display().to_string();
        let unreadable = |error| {
            beside::failed(&shown, &error)
                .place(place.clone())
                .help("`extends` is the path of another mcp-kit.toml, from the folder of this one")
        };
        let identity = fs::canonicalize(&path).map_err(unreadable)?;
        if seen.contains(&identity) {
            let message = format!("{by} extends {shown}, which extends it");
            return Err(CliError::usage(message)
                .place(place)
                .help("take out one of the `extends` that lead back to the file"));
        }
        seen.push(identity);
        let text = beside::read_text(&path, Accepts::File).map_err(unreadable)?;
        let base = parsed(&text, &shown)?;
        next = base.lint.extends.clone();
        config = config.extending(base);
        files.push(FileText { file: shown, text });
    }
    Ok((config, files))
}

fn parsed(text: &str, file: &str) -> Result<Config, CliError> {
    config::read(text).map_err(|error| {
        let place = format!("{file}:{}:{}", error.position.line, error.position.column);
        let shown = CliError::usage(error.message).place(place);
        match error.help {
            Some(help) => shown.help(help),
            None => shown,
        }
    })
}

/// The nearest file, from the current folder up to the root of its repository, or of the file
/// system where there is no repository; with the way there as it is shown.
pub(super) fn discover() -> Result<Option<(PathBuf, String)>, CliError> {
    let here = env::current_dir()
        .map_err(|error| CliError::usage(format!("the current folder cannot be read: {error}")))?;
    let mut shown = PathBuf::new();
    for folder in here.ancestors() {
        let path = folder.join(FILE_NAME);
        if path.is_file() {
            let shown = shown.join(FILE_NAME);
            return Ok(Some((shown.clone(), shown.display().to_string())));
        }
        // A file in a linked work tree, a folder everywhere else.
        if folder.join(".git").exists() {
            break;
        }
        shown.push("..");
    }
    Ok(None)
}

/// The nearest file and those that it extends, as far as they can be read.
pub(in crate::cli) fn nearby() -> Vec<PathBuf> {
    let Ok(Some((path, file))) = discover() else { return Vec::new() };
    match read(&path, &file) {
        Ok((_, layers)) => layers.iter().map(|layer| PathBuf::from(&layer.file)).collect(),
        // Whatever is wrong with it, it is somebody's.
        Err(_) => vec![path],
    }
}
