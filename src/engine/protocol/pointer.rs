//! JSON Pointer (RFC 6901).

use std::{
    borrow::{Borrow, Cow},
    fmt,
};

use serde::Serialize;

/// A place in a JSON value: `/tools/3/inputSchema/properties/limit`. The empty pointer is the
/// whole value.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Pointer(String);

impl Pointer {
    /// The whole value.
    pub fn root() -> Self {
        Self::default()
    }

    /// One step further in. `token` is a key or an index, unescaped.
    #[must_use]
    pub fn join(&self, token: impl fmt::Display) -> Self {
        let mut joined = self.clone();
        joined.push(token);
        joined
    }

    /// Adds one step. `token` is a key or an index, unescaped.
    pub fn push(&mut self, token: impl fmt::Display) {
        let token = token.to_string();
        self.0.push('/');
        if token.contains(['~', '/']) {
            self.0.push_str(&token.replace('~', "~0").replace('/', "~1"));
        } else {
            self.0.push_str(&token);
        }
    }

    /// This pointer followed by `rest`, a pointer that starts where this one ends.
    #[must_use]
    pub fn concat(&self, rest: &Self) -> Self {
        Self(format!("{}{}", self.0, rest.0))
    }

    /// What is left of this pointer after `prefix`, if it starts with it.
    pub fn strip_prefix(&self, prefix: &Self) -> Option<Self> {
        let rest = self.0.strip_prefix(&prefix.0)?;
        (rest.is_empty() || rest.starts_with('/')).then(|| Self(rest.to_owned()))
    }

    /// The steps, unescaped, outermost first.
    pub fn tokens(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.0.split('/').skip(1).map(unescaped)
    }

    /// The escaped forms of this pointer and of every one it leads through, outermost first.
    pub fn prefixes(&self) -> impl Iterator<Item = &str> {
        let ends = self.0.match_indices('/').map(|(end, _)| end).chain([self.0.len()]);
        ends.map(|end| &self.0[..end])
    }

    /// The place around this one; none for the whole value.
    pub fn parent(&self) -> Option<Self> {
        let (parent, _) = self.0.rsplit_once('/')?;
        Some(Self(parent.to_owned()))
    }

    /// The last step, unescaped.
    pub fn last(&self) -> Option<Cow<'_, str>> {
        self.0.rsplit_once('/').map(|(_, token)| unescaped(token))
    }

    /// The escaped form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn unescaped(token: &str) -> Cow<'_, str> {
    if token.contains('~') {
        Cow::Owned(token.replace("~1", "/").replace("~0", "~"))
    } else {
        Cow::Borrowed(token)
    }
}

/// So that a map from pointers can be asked for an escaped form.
impl Borrow<str> for Pointer {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Takes a pointer in its escaped form; text without a leading slash is one unescaped step.
impl From<&str> for Pointer {
    fn from(text: &str) -> Self {
        if text.is_empty() || text.starts_with('/') {
            Self(text.to_owned())
        } else {
            Self::root().join(text)
        }
    }
}
