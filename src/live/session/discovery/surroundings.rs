//! Where discovery looks from: folders and environment as values, so that tests need no real home.

use std::{collections::BTreeMap, env, io, path::PathBuf};

/// The operating system, as far as it decides where configuration files lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    /// Linux and other systems with XDG folders.
    Linux,
    /// macOS.
    MacOs,
    /// Windows.
    Windows,
}

impl System {
    /// The one this program was built for.
    pub fn current() -> Self {
        if cfg!(windows) {
            Self::Windows
        } else if cfg!(target_os = "macos") {
            Self::MacOs
        } else {
            Self::Linux
        }
    }
}

/// The folders and variables that discovery works with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surroundings {
    /// Decides where the clients' files lie.
    pub system: System,
    /// The current directory, absolute.
    pub directory: PathBuf,
    /// The user's home.
    pub home: Option<PathBuf>,
    /// Where desktop programs keep settings: `~/.config`, `~/Library/Application Support` or
    /// `%APPDATA%`.
    pub application_data: Option<PathBuf>,
    /// Where command-line programs keep settings: `~/.config` or `%APPDATA%`.
    pub config_home: Option<PathBuf>,
    /// Where programs keep what they remember: `~/.local/state` or `%LOCALAPPDATA%`.
    pub state_home: Option<PathBuf>,
    /// Where programs keep their data: `~/.local/share` or `%LOCALAPPDATA%`.
    pub data_home: Option<PathBuf>,
    /// The file of `--config`.
    pub config_file: Option<PathBuf>,
    /// The environment variables.
    pub environment: BTreeMap<String, String>,
}

impl Surroundings {
    /// Works out the folders from the variables of an environment (`HOME`, `XDG_CONFIG_HOME`,
    /// `XDG_STATE_HOME`; `USERPROFILE`, `APPDATA`, `LOCALAPPDATA` on Windows). Relative values are
    /// ignored, as the XDG Base Directory Specification has it.
    pub fn new(system: System, directory: PathBuf, environment: BTreeMap<String, String>) -> Self {
        let folder = |name: &str| {
            let path = PathBuf::from(environment.get(name)?);
            path.is_absolute().then_some(path)
        };
        let home = match system {
            System::Windows => folder("USERPROFILE").or_else(|| folder("HOME")),
            System::Linux | System::MacOs => folder("HOME"),
        };
        let in_home = |path: &str| home.as_ref().map(|home| home.join(path));
        let config_home = match system {
            System::Windows => folder("APPDATA").or_else(|| in_home("AppData/Roaming")),
            System::Linux | System::MacOs => {
                folder("XDG_CONFIG_HOME").or_else(|| in_home(".config"))
            }
        };
        let application_data = match system {
            System::MacOs => in_home("Library/Application Support"),
            System::Linux | System::Windows => config_home.clone(),
        };
        let state_home = match system {
            System::Windows => folder("LOCALAPPDATA").or_else(|| in_home("AppData/Local")),
            System::Linux | System::MacOs => {
                folder("XDG_STATE_HOME").or_else(|| in_home(".local/state"))
            }
        };
        let data_home = match system {
            System::Windows => folder("LOCALAPPDATA").or_else(|| in_home("AppData/Local")),
            System::Linux | System::MacOs => {
                folder("XDG_DATA_HOME").or_else(|| in_home(".local/share"))
            }
        };
        Self {
            system,
            directory,
            home,
            application_data,
            config_home,
            state_home,
            data_home,
            config_file: None,
            environment,
        }
    }

    /// The surroundings of this process. Variables that are not Unicode are left out.
    ///
    /// # Errors
    /// When the current directory is gone or may not be read.
    pub fn of_process() -> io::Result<Self> {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        let environment = env::vars_os().filter_map(text).collect();
        Ok(Self::new(System::current(), env::current_dir()?, environment))
    }

    /// The file that remembers which project entries the user trusts: `mcp-kit/trusted.json` in
    /// the state folder. None without a home.
    pub fn trust_file(&self) -> Option<PathBuf> {
        Some(self.state_home.as_ref()?.join("mcp-kit").join("trusted.json"))
    }

    /// The current directory and the folders around it up to the root of the git repository,
    /// nearest first. Outside a repository it is the current directory alone: a file that somebody
    /// put into `/tmp` is nobody's project.
    pub(super) fn project_folders(&self) -> Vec<PathBuf> {
        let is_root = |folder: &std::path::Path| folder.join(".git").exists();
        let folders: Vec<_> = self.directory.ancestors().map(PathBuf::from).collect();
        match folders.iter().position(|folder| is_root(folder)) {
            Some(root) => folders[..=root].to_vec(),
            None => vec![self.directory.clone()],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(system: System, variables: &[(&str, &str)]) -> Vec<String> {
        let environment =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let found = Surroundings::new(system, PathBuf::from("/project"), environment.collect());
        let trust_file = found.trust_file();
        [found.home, found.application_data, found.config_home, trust_file]
            .into_iter()
            .map(|folder| folder.map_or("none".to_owned(), |folder| folder.display().to_string()))
            .collect()
    }

    #[test]
    fn folders_of_each_system() {
        assert_eq!(
            folders(System::Linux, &[("HOME", "/h"), ("XDG_STATE_HOME", "relative")]),
            ["/h", "/h/.config", "/h/.config", "/h/.local/state/mcp-kit/trusted.json"]
        );
        assert_eq!(
            folders(System::MacOs, &[("HOME", "/h"), ("XDG_CONFIG_HOME", "/c")]),
            ["/h", "/h/Library/Application Support", "/c", "/h/.local/state/mcp-kit/trusted.json"]
        );
        assert_eq!(
            folders(System::Windows, &[("USERPROFILE", "/h"), ("APPDATA", "/a")]),
            ["/h", "/a", "/a", "/h/AppData/Local/mcp-kit/trusted.json"]
        );
        assert_eq!(folders(System::Linux, &[]), ["none"; 4]);
    }
}
