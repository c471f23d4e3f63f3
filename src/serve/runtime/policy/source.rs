//! The texts that policies are loaded from.

use std::{fs, io::Read, path::Path};

use sha2::{Digest, Sha256};

use super::PolicyError;

/// The longest file.
const MAX_BYTES: u64 = 1 << 20;

/// A text and the name that faults in it are reported under.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Text {
    pub(super) name: String,
    pub(super) text: String,
}

impl Text {
    fn new(name: &str, text: &str) -> Self {
        Self { name: name.to_owned(), text: text.to_owned() }
    }
}

/// The schema and the policies of a connector, or of a directory. Those of the base are not in here:
/// they always come along.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    schemas: Vec<Text>,
    policies: Vec<Text>,
}

impl Sources {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// With a part of the schema.
    #[must_use]
    pub fn with_schema(mut self, name: &str, text: &str) -> Self {
        self.schemas.push(Text::new(name, text));
        self
    }

    /// With policies.
    #[must_use]
    pub fn with_policies(mut self, name: &str, text: &str) -> Self {
        self.policies.push(Text::new(name, text));
        self
    }

    /// The files of a directory: `*.cedarschema` and `*.cedar`, not those in folders in it.
    ///
    /// # Errors
    /// When one cannot be read or is longer than 1 MiB, or when there are no policies.
    pub fn read(directory: &Path) -> Result<Self, PolicyError> {
        let unreadable = |path: &Path, fault: String| PolicyError::Unreadable {
            path: path.display().to_string(),
            fault,
        };
        let mut sources = Self::new();
        let entries =
            fs::read_dir(directory).map_err(|error| unreadable(directory, error.to_string()))?;
        for entry in entries {
            let path = entry.map_err(|error| unreadable(directory, error.to_string()))?.path();
            let texts = match path.extension().and_then(|extension| extension.to_str()) {
                Some("cedarschema") => &mut sources.schemas,
                Some("cedar") => &mut sources.policies,
                _ => continue,
            };
            let mut text = String::new();
            fs::File::open(&path)
                .and_then(|file| file.take(MAX_BYTES + 1).read_to_string(&mut text))
                .map_err(|error| unreadable(&path, error.to_string()))?;
            if text.len() as u64 > MAX_BYTES {
                return Err(unreadable(&path, format!("it has more than {MAX_BYTES} bytes")));
            }
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            texts.push(Text::new(&name, &text));
        }
        if sources.policies.is_empty() {
            return Err(PolicyError::Empty { path: directory.display().to_string() });
        }
        Ok(sources)
    }

    /// With the schema of others where there is none here: somebody who writes other policies for a
    /// connector need not copy what they are about.
    #[must_use]
    pub fn or_schema_of(mut self, others: &Self) -> Self {
        if self.schemas.is_empty() {
            self.schemas.clone_from(&others.schemas);
        }
        self
    }

    /// All parts of the schema, the base first, the others by name.
    pub(super) fn schemas(&self) -> Vec<Text> {
        Self::after(include_str!("base.cedarschema"), "base.cedarschema", &self.schemas)
    }

    /// All policies, the base first, the others by name.
    pub(super) fn policies(&self) -> Vec<Text> {
        Self::after(include_str!("base.cedar"), "base.cedar", &self.policies)
    }

    fn after(text: &str, name: &str, others: &[Text]) -> Vec<Text> {
        let mut others = others.to_vec();
        others.sort();
        std::iter::once(Text::new(name, text)).chain(others).collect()
    }

    /// The SHA-256 of everything, in hexadecimal digits. Lengths stand before names and texts, so
    /// that nothing can be moved from one into the other unnoticed.
    pub(super) fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for (kind, texts) in [(b's', self.schemas()), (b'p', self.policies())] {
            for Text { name, text } in texts {
                hash.update([kind]);
                for part in [name, text] {
                    hash.update((part.len() as u64).to_be_bytes());
                    hash.update(part);
                }
            }
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
