//! The list of tools compared with itself, asked for again.

use crate::engine::{
    protocol::{
        canonical::{Layout, write},
        json::View,
    },
    surface::{
        Surface,
        evidence::{Again, Listing},
    },
};

/// What is different between two lists.
#[derive(Debug, Default)]
pub(super) struct Difference {
    /// When they were asked for, in words.
    pub(super) when: &'static str,
    pub(super) gone: Vec<String>,
    pub(super) new: Vec<String>,
    pub(super) changed: Vec<String>,
    /// The same tools in another order.
    pub(super) is_reordered: bool,
}

impl Difference {
    /// Whether it is another list, and not only another order.
    pub(super) fn is_other_list(&self) -> bool {
        !(self.gone.is_empty() && self.new.is_empty() && self.changed.is_empty())
    }
}

/// Each list that was asked for again, compared with the one before it.
pub(super) fn differences(surface: &Surface) -> Vec<Difference> {
    let Some(evidence) = &surface.evidence else { return Vec::new() };
    if evidence.listings.is_empty() {
        return Vec::new();
    }
    let listed = |tool: View<'_>| {
        let name = tool.get("name").and_then(View::as_str).unwrap_or_default().into_owned();
        (name, write(tool, Layout::Canonical))
    };
    let tools = surface.tools_view().into_iter().flat_map(View::items).map(listed).collect();
    let first = Listing { again: Again::OnOtherConnection, tools };
    let before = std::iter::once(&first).chain(&evidence.listings);
    let pairs = before.zip(&evidence.listings);
    pairs.filter(|(one, other)| one.tools != other.tools).map(compare).collect()
}

fn compare((one, other): (&Listing, &Listing)) -> Difference {
    let when = other.again.in_words();
    let sorted = |listing: &Listing| {
        let mut tools = listing.tools.clone();
        tools.sort_unstable();
        tools
    };
    let (mine, theirs) = (sorted(one), sorted(other));
    if mine == theirs {
        return Difference { when, is_reordered: true, ..Difference::default() };
    }
    let has = |tools: &[(String, String)], name: &str| {
        tools.binary_search_by(|(it, _)| it.as_str().cmp(name)).is_ok()
    };
    let mut difference = Difference { when, ..Difference::default() };
    for tool in mine.iter().filter(|tool| theirs.binary_search(tool).is_err()) {
        let names =
            if has(&theirs, &tool.0) { &mut difference.changed } else { &mut difference.gone };
        names.push(tool.0.clone());
    }
    let is_new = |tool: &&(String, String)| !has(&mine, &tool.0);
    difference.new = theirs.iter().filter(is_new).map(|tool| tool.0.clone()).collect();
    // A name that stands twice here and once there is in neither of the lists above.
    if !difference.is_other_list() {
        difference.changed = theirs
            .iter()
            .filter(|tool| mine.binary_search(tool).is_err())
            .map(|tool| tool.0.clone())
            .collect();
        difference.is_reordered = difference.changed.is_empty();
    }
    difference
}
