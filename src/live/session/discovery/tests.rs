//! Discovery over folders made for the purpose.

mod hostile;
mod order;
mod shapes;

use std::{collections::BTreeMap, path::PathBuf};

use super::*;

/// A home and a project in it (`home/project`, a git repository), with files added one by one.
pub(super) struct World {
    folder: tempfile::TempDir,
    pub(super) surroundings: Surroundings,
}

impl World {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        let project = home.join("project");
        fs_create(&project.join(".git"));
        let environment = BTreeMap::from([("HOME".to_owned(), home.to_str().unwrap().to_owned())]);
        let surroundings = Surroundings::new(System::Linux, project, environment);
        Self { folder, surroundings }
    }

    pub(super) fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join("home").join(file)
    }

    /// Writes a file; `file` is relative to the home.
    pub(super) fn with(self, file: &str, text: &str) -> Self {
        let path = self.path(file);
        fs_create(path.parent().unwrap());
        std::fs::write(path, text).unwrap();
        self
    }

    pub(super) fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.surroundings.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(super) fn discover(&self) -> Discovery {
        discover(&self.surroundings)
    }

    /// The only entry of a world with one server.
    pub(super) fn entry(&self) -> Entry {
        let discovery = self.discover();
        assert_eq!(discovery.problems, []);
        discovery.find(None).unwrap().clone()
    }

    /// Text with the home folder written as `~`.
    pub(super) fn shorten(&self, text: &str) -> String {
        text.replace(self.path("").to_str().unwrap(), "~/")
    }

    /// Entries and problems, a line each.
    pub(super) fn show(&self) -> Vec<String> {
        let discovery = self.discover();
        let entries = discovery.entries.iter().map(|entry| {
            let state = if entry.disabled { " (disabled)" } else { "" };
            let shadow = if entry.shadowed_by.is_some() { " (shadowed)" } else { "" };
            let Source { client, scope, .. } = &entry.source;
            let scope = format!("{scope:?}").to_lowercase();
            let Entry { name, source, launch, .. } = entry;
            let launch = show_launch(launch);
            format!("{name} {source} {} {scope}: {launch}{state}{shadow}", client.name())
        });
        let problems = discovery.problems.iter().map(Problem::to_string);
        entries.chain(problems).map(|line| self.shorten(&line)).collect()
    }
}

fn fs_create(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
}

fn show_launch(launch: &Launch) -> String {
    let pairs = |pairs: &[(String, entry::Unexpanded)]| -> String {
        pairs.iter().map(|(name, value)| format!(" {name}={}", value.text)).collect()
    };
    match launch {
        Launch::Stdio { command, args, env, pass_env, env_file, cwd } => {
            let args: String = args.iter().map(|arg| format!(" {}", arg.text)).collect();
            let optional = |label: &str, value: &Option<entry::Unexpanded>| {
                value.as_ref().map(|value| format!(" {label}:{}", value.text)).unwrap_or_default()
            };
            let passed: String = pass_env.iter().map(|name| format!(" pass:{name}")).collect();
            format!(
                "{}{args}{}{passed}{}{}",
                command.text,
                pairs(env),
                optional("file", env_file),
                optional("in", cwd)
            )
        }
        Launch::Http { url, headers, sse } => {
            format!("{}{}{}", url.text, pairs(headers), if *sse { " sse" } else { "" })
        }
    }
}
