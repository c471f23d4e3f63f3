//! What still looks like a secret after redaction.

use super::{
    shape::{entropy, is_random},
    text,
};
use crate::engine::protocol::{
    json::{Document, View},
    pointer::Pointer,
};

/// Something that looks like a secret and was not replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspicion {
    /// Where it stands, as a JSON Pointer; empty in a text that is not JSON.
    pub pointer: String,
    /// Why it looks like one, as a lowercase fragment.
    pub reason: &'static str,
}

const SHAPED: &str = "it has the shape of a credential";
const RANDOM: &str = "it is long and looks random";

/// The first suspicion in a text.
pub(super) fn suspicion(text: &str) -> Option<Suspicion> {
    let Ok(document) = Document::read(text.as_bytes(), &super::limits(text)) else {
        return suspected(text).map(|reason| Suspicion { pointer: String::new(), reason });
    };
    document.strings().find_map(|view| {
        let reason = suspected(&view.as_str()?)?;
        let pointer = document.pointer_at(view.span().start);
        (!is_handed_back(&document, &pointer))
            .then(|| Suspicion { pointer: pointer.as_str().to_owned(), reason })
    })
}

fn suspected(text: &str) -> Option<&'static str> {
    if !text::find_shapes(text).is_empty() {
        return Some(SHAPED);
    }
    let is_part = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '-' | '+' | '=');
    text.split(|it| !is_part(it)).any(looks_drawn).then_some(RANDOM)
}

/// Long, of capitals, small letters and digits, none of them often. Digests and UUIDs have one case.
fn looks_drawn(word: &str) -> bool {
    const SHORTEST: usize = 24;
    const LONGEST: usize = 512;
    const BITS_PER_CHARACTER: f64 = 3.8;
    (SHORTEST..LONGEST).contains(&word.len())
        && is_random(word)
        && word.bytes().any(|byte| byte.is_ascii_uppercase())
        && word.bytes().any(|byte| byte.is_ascii_lowercase())
        && entropy(word) >= BITS_PER_CHARACTER
}

/// Whether it is one of the things that the protocol hands back and forth, or bytes of a picture.
fn is_handed_back(document: &Document, pointer: &Pointer) -> bool {
    let Some(last) = pointer.last() else { return false };
    let beside = || pointer.parent().and_then(|parent| document.root().at(&parent));
    let is_binary = || {
        let kind = beside().and_then(|object| object.get("type")).and_then(View::as_str);
        matches!(kind.as_deref(), Some("image" | "audio"))
    };
    match &*last {
        "id" => pointer.as_str() == "/id",
        "data" => is_binary(),
        "blob" | "idempotency_key" => true,
        name => super::walk::HANDED_BACK.contains(&name),
    }
}
