//! The names of tools, taken apart into the verb and the nouns: `API-list-pull-requests` is about
//! pull requests, and the API is said of every tool.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::engine::{
    semantics::{
        verb::{self, Kind},
        word::{singular, words},
    },
    surface::Tool,
};

/// Words on so many tools, in per cent, are the server's and not the tool's.
const PREFIX_SHARE: usize = 80;
/// Of fewer tools nothing is said by a word they have in common.
const PREFIX_TOOLS: usize = 4;
/// A pair of words is one word where it stands this often, and in this share (per cent) of the
/// names with its first word.
const PAIR_TIMES: usize = 2;
const PAIR_SHARE: usize = 60;
/// Longer names are cut: nobody writes them, but somebody may send them.
const MAX_BYTES: usize = 256;
const MAX_WORDS: usize = 16;

/// All names of a surface.
#[derive(Debug)]
pub(super) struct Names {
    names: Vec<Name>,
    pairs: Pairs,
    prefix: FxHashSet<String>,
    by_name: Vec<usize>,
}

/// Pairs of words that are one word, by their first words, and how many names have them. In two
/// steps, so that nothing needs to be copied for asking.
type Pairs = FxHashMap<String, FxHashMap<String, usize>>;

#[derive(Debug)]
struct Name {
    /// The words without those that every tool has, in the singular.
    words: Vec<String>,
    verb: Option<String>,
    nouns: Vec<String>,
    /// A word before the nouns that only says which: `free`.
    adjective: Option<String>,
    /// It reads whatever there is: `search`.
    is_about_everything: bool,
}

impl Names {
    pub(super) fn of(tools: &[Tool]) -> Self {
        let split: Vec<Vec<String>> =
            tools.iter().map(|tool| words(cut(&tool.name, MAX_BYTES))).collect();
        let prefix = prefix(&split);
        let mut names: Vec<Name> = split.into_iter().map(|name| Name::of(name, &prefix)).collect();
        find_rare_verbs(&mut names);
        let pairs = pairs(&names);
        for name in &mut names {
            name.nouns = join(std::mem::take(&mut name.nouns), &pairs);
        }
        find_adjectives(&mut names);
        let mut by_name: Vec<usize> = (0..tools.len()).collect();
        by_name.sort_by_key(|index| (&tools[*index].name, tools[*index].description.as_ref()));
        Self { names, pairs, prefix, by_name }
    }

    /// What a tool is about, the first noun of its name first; nothing for `search` or `get_me`.
    pub(super) fn nouns(&self, tool: usize) -> &[String] {
        &self.names[tool].nouns
    }

    /// A word before the nouns that only says which of the things: `free`.
    pub(super) fn adjective(&self, tool: usize) -> Option<&str> {
        self.names[tool].adjective.as_deref()
    }

    /// Whether a tool reads whatever there is and is part of no domain: `search`.
    pub(super) fn is_about_everything(&self, tool: usize) -> bool {
        self.names[tool].is_about_everything
    }

    /// What it does, where its name says so.
    pub(super) fn verb(&self, tool: usize) -> Option<&str> {
        self.names[tool].verb.as_deref()
    }

    /// The words of its name in the singular, without those that every tool has.
    pub(super) fn words(&self, tool: usize) -> &[String] {
        &self.names[tool].words
    }

    /// The tools in the order of their names, which is the order of everything in a plan.
    pub(super) fn by_name(&self) -> &[usize] {
        &self.by_name
    }

    /// The words that nearly every tool has.
    pub(super) fn prefix(&self) -> &FxHashSet<String> {
        &self.prefix
    }

    /// Joins what names join: after `list_data_sources`, "the data source" is one word too.
    pub(super) fn joined(&self, words: Vec<String>) -> Vec<String> {
        if self.pairs.is_empty() { words } else { join(words, &self.pairs) }
    }
}

impl Name {
    fn of(words: Vec<String>, prefix: &FxHashSet<String>) -> Self {
        let all: Vec<(String, bool)> = words
            .into_iter()
            .take(MAX_WORDS)
            .filter(|word| !prefix.contains(word))
            .map(|word| match singular(&word) {
                short if short == word => (short.into_owned(), false),
                short => (short.into_owned(), true),
            })
            .collect();
        let (verb, rest) = without_verbs(&all);
        let is_content = |word: &&(String, bool)| !is_joiner(&word.0);
        let mut nouns: Vec<String> =
            rest.iter().filter(is_content).map(|(word, _)| word.clone()).collect();
        let is_about_everything = match nouns.as_slice() {
            [only] => verb::PLAINLY_READING.contains(&only.as_str()),
            _ => false,
        };
        if is_about_everything {
            nouns.clear();
        }
        let words = all.into_iter().map(|(word, _)| word).collect();
        Self { words, verb, nouns, adjective: None, is_about_everything }
    }
}

/// The verb of a name and what is left. It stands first (`list_orders`, `create_or_update_order`)
/// or, where no verb does, last (`orders_list`, `order_create_or_update`).
fn without_verbs(words: &[(String, bool)]) -> (Option<String>, &[(String, bool)]) {
    let mut rest = words;
    let mut verb: Option<String> = None;
    let mut is_joined = false;
    while let [(first, is_plural), others @ ..] = rest {
        if is_joiner(first) {
            is_joined = verb.is_some() && matches!(first.as_str(), "or" | "and");
        } else if others.is_empty() || *is_plural || !is_verb(first, others) {
            break;
        } else if verb.is_none() {
            verb = Some(first.clone());
        } else if is_joined {
            is_joined = false;
        } else {
            break;
        }
        rest = others;
    }
    if verb.is_none()
        && let [others @ .., (last, false)] = rest
        && !others.is_empty()
        && is_known_verb(last)
    {
        verb = Some(last.clone());
        rest = others;
        while let [others @ .., (before, _), (joiner, _)] = rest
            && matches!(joiner.as_str(), "or" | "and")
            && is_known_verb(before)
            && !others.is_empty()
        {
            verb = Some(before.clone());
            rest = others;
        }
    }
    (verb, rest)
}

/// Whether the first word of a name is its verb. A word that may be a noun is one before other
/// verbs: `release_list`.
fn is_verb(word: &str, others: &[(String, bool)]) -> bool {
    let may_be_noun =
        matches!(verb::kind(word), Some(Kind::MayBeNoun | Kind::Computes)) || is_act_or_thing(word);
    let has_object = || others.iter().any(|(word, _)| !is_known_verb(word));
    // The HTTP method in `API-post-search`.
    let is_method = || matches!(others, [(only, _)] if only == "search" || only == "query");
    is_known_verb(word) && (!may_be_noun || has_object() || is_method())
}

pub(super) fn is_known_verb(word: &str) -> bool {
    verb::kind(word).is_some()
        || FURTHER_VERBS.binary_search(&word).is_ok()
        || is_act_or_thing(word)
}

fn is_act_or_thing(word: &str) -> bool {
    ["claim", "draft", "fork", "report", "request", "review", "test"].contains(&word)
}

/// Words that hold names together, and words for whoever is asking.
fn is_joiner(word: &str) -> bool {
    const JOINERS: [&str; 25] = [
        "a", "all", "an", "and", "as", "at", "by", "current", "for", "from", "in", "into", "it",
        "me", "my", "of", "on", "or", "self", "the", "to", "via", "whoami", "with", "your",
    ];
    JOINERS.contains(&word)
}

/// Verbs that say what is done but not whether it reads or writes, which is why `verb` has no use
/// for them.
const FURTHER_VERBS: [&str; 34] = [
    "accept", "acknowledge", "analyze", "answer", "block", "browse", "build", "call", "change",
    "connect", "convert", "decline", "detach", "disconnect", "generate", "handle", "hide", "join",
    "leave", "manage", "mute", "new", "open", "pause", "reboot", "renew", "rerun", "resize",
    "resume", "run", "scan", "select", "toggle", "unpublish",
];

/// A first word that no list of verbs has is one all the same before a noun that other tools are
/// seen to act on: `swap_shift` beside `list_shifts` and `assign_shift`. What is a verb there is one
/// before other nouns too (`order_xray` beside `order_lab_test`), unless something is done to it as
/// well.
fn find_rare_verbs(names: &mut [Name]) {
    let mut acted_on: FxHashMap<String, usize> = FxHashMap::default();
    for Name { verb, nouns, .. } in names.iter() {
        if let (Some(_), Some(noun)) = (verb, nouns.first()) {
            *acted_on.entry(noun.clone()).or_default() += 1;
        }
    }
    let is_acted_on = |noun: &String| acted_on.get(noun).is_some_and(|count| *count > 1);
    let mut rare: FxHashSet<String> = FxHashSet::default();
    for Name { verb, nouns, words, .. } in names.iter_mut() {
        if verb.is_none() && nouns.get(1).is_some_and(is_acted_on) {
            let first = nouns.remove(0);
            if !acted_on.contains_key(&first) {
                rare.insert(first.clone());
            }
            *verb = Some(first);
        } else if let ([first, last], [noun], Some(own)) =
            (words.as_slice(), nouns.as_mut_slice(), verb.as_mut())
            && (&*noun, &*own) == (first, last)
            && is_act_or_thing(first)
            && is_acted_on(last)
        {
            // Two words that may be either: in `claim_review` beside `approve_review`, the claim is
            // the verb.
            std::mem::swap(noun, own);
        }
    }
    for Name { verb, nouns, .. } in names {
        if verb.is_none() && nouns.len() > 1 && rare.contains(&nouns[0]) {
            *verb = Some(nouns.remove(0));
        }
    }
}

/// Sets apart first words that only say which of the things behind them: `list_free_beds` is about
/// beds where others `assign_bed`, and has nothing to do with `find_free_appointment`. Such a word
/// ends no name, and most things it stands before are acted on without it; the `dns` of records
/// that nobody has elsewhere is what they are about.
fn find_adjectives(names: &mut [Name]) {
    let mut first: FxHashMap<&str, usize> = FxHashMap::default();
    let mut last: FxHashSet<&str> = FxHashSet::default();
    for Name { nouns, .. } in names.iter() {
        if let (Some(noun), Some(end)) = (nouns.first(), nouns.last()) {
            *first.entry(noun).or_default() += 1;
            last.insert(end);
        }
    }
    let mut before: FxHashMap<&str, (usize, usize)> = FxHashMap::default();
    for Name { nouns, .. } in names.iter() {
        if let [word, next, ..] = nouns.as_slice()
            && !last.contains(word.as_str())
        {
            let (all, known) = before.entry(word).or_default();
            *all += 1;
            *known += usize::from(first.get(next.as_str()).is_some_and(|count| *count > 1));
        }
    }
    let is_adjective = |(_, (all, known)): &(&str, (usize, usize))| 2 * known >= *all;
    let adjectives: FxHashSet<String> =
        before.into_iter().filter(is_adjective).map(|(word, _)| word.to_owned()).collect();
    for Name { nouns, adjective, .. } in names {
        if nouns.len() > 1 && adjectives.contains(&nouns[0]) {
            *adjective = Some(nouns.remove(0));
        }
    }
}

fn prefix(names: &[Vec<String>]) -> FxHashSet<String> {
    let mut tools_with: FxHashMap<&str, usize> = FxHashMap::default();
    for name in names {
        for (index, word) in name.iter().take(MAX_WORDS).enumerate() {
            if !name[..index].contains(word) {
                *tools_with.entry(word).or_default() += 1;
            }
        }
    }
    let is_common =
        |count: usize| names.len() >= PREFIX_TOOLS && count * 100 >= names.len() * PREFIX_SHARE;
    let common = tools_with.into_iter().filter(|(_, count)| is_common(*count));
    common.map(|(word, _)| word.to_owned()).collect()
}

/// The pairs of nouns that are one word.
fn pairs(names: &[Name]) -> Pairs {
    let mut with_first: FxHashMap<&str, usize> = FxHashMap::default();
    let mut with_pair: FxHashMap<(&str, &str), usize> = FxHashMap::default();
    for Name { nouns, .. } in names {
        for (index, noun) in nouns.iter().enumerate() {
            if !nouns[..index].contains(noun) {
                *with_first.entry(noun).or_default() += 1;
                if let Some(next) = nouns.get(index + 1).filter(|next| *next != noun) {
                    *with_pair.entry((noun, next)).or_default() += 1;
                }
            }
        }
    }
    let is_one = |((first, _), count): &((&str, &str), usize)| {
        *count >= PAIR_TIMES && count * 100 >= with_first[first] * PAIR_SHARE
    };
    let mut pairs = Pairs::default();
    for ((first, second), count) in with_pair.into_iter().filter(is_one) {
        pairs.entry(first.to_owned()).or_default().insert(second.to_owned(), count);
    }
    pairs
}

/// Joins the pairs. Of two that overlap, the one that more names have: `pending_pull_request` is a
/// pull request.
fn join(words: Vec<String>, pairs: &Pairs) -> Vec<String> {
    let mut joined: Vec<String> = Vec::with_capacity(words.len());
    let count = |place: usize| pairs.get(words.get(place)?)?.get(words.get(place + 1)?).copied();
    let mut place = 0;
    while place < words.len() {
        let here = count(place);
        if here.is_some() && here >= count(place + 1) {
            joined.push(format!("{}-{}", words[place], words[place + 1]));
            place += 2;
        } else {
            joined.push(words[place].clone());
            place += 1;
        }
    }
    joined
}

/// The beginning of a text, at most so many bytes.
pub(super) fn cut(text: &str, max_bytes: usize) -> &str {
    &text[..text.floor_char_boundary(max_bytes)]
}

#[cfg(test)]
mod tests {
    use super::{FURTHER_VERBS, Names};
    use crate::engine::{protocol::json::Limits, surface};

    fn nouns(names: &[&str]) -> Vec<String> {
        let tools: Vec<_> = names.iter().map(|name| serde_json::json!({"name": name})).collect();
        let text = serde_json::json!({"tools": tools}).to_string();
        let surface = surface::read(text.as_bytes(), &Limits::default()).unwrap();
        let names = Names::of(&surface.tools);
        (0..surface.tools.len()).map(|tool| names.nouns(tool).join(" ")).collect()
    }

    #[test]
    fn a_name_is_about_its_nouns() {
        for (name, expected) in [
            ("list_orders", "order"),
            ("orders_list", "order"),
            ("order.create_or_update", "order"),
            ("create_or_update_order", "order"),
            ("getTag", "tag"),
            ("tag_article", "article"),
            ("release_list", "release"),
            ("get_commit", "commit"),
            ("commits_list", "commit"),
            ("add_comment_to_review", "comment review"),
            ("search", ""),
            ("post-search", ""),
            ("get_me", ""),
            ("whoami", ""),
            ("weather", "weather"),
        ] {
            assert_eq!(nouns(&[name]), [expected], "{name}");
        }
    }

    #[test]
    fn what_every_tool_says_is_not_said_of_one() {
        let names = ["API-get-page", "API-patch-page", "API-get-user", "API-list-users"];
        assert_eq!(nouns(&names), ["page", "page", "user", "user"]);
    }

    #[test]
    fn a_verb_nobody_knows_is_known_by_what_it_acts_on() {
        let names = ["list_shifts", "assign_shift", "swap_shift", "swap_space_report"];
        assert_eq!(nouns(&names), ["shift", "shift", "shift", "swap space"]);
    }

    #[test]
    fn a_verb_somewhere_is_a_verb_elsewhere_unless_something_is_done_to_it() {
        let names = ["order_lab_test", "get_lab_result", "cancel_lab_test", "order_xray"];
        assert_eq!(nouns(&names)[3], "xray");
        let names = [&names[..], &["get_order"]].concat();
        assert_eq!(nouns(&names)[3], "order xray");
        let names = ["claim_review", "approve_review", "reject_review"];
        assert_eq!(nouns(&names), ["review", "review", "review"]);
    }

    #[test]
    fn what_only_says_which_is_not_what_a_name_is_about() {
        let names = ["list_free_beds", "assign_bed", "close_bed", "list_dns_records", "get_zone"];
        assert_eq!(nouns(&names), ["bed", "bed", "bed", "dns record", "zone"]);
        // Somebody acts on it, so it is a thing of its own.
        let names = ["list_ward_beds", "assign_bed", "close_bed", "close_ward"];
        assert_eq!(nouns(&names)[0], "ward bed");
    }

    #[test]
    fn words_that_go_together_are_one() {
        let names = ["list_data_sources", "query_data_source", "get_data_export", "get_source_map"];
        assert_eq!(nouns(&names), ["data-source", "data-source", "data export", "source map"]);
        let names = [
            "get_pull_request",
            "merge_pull_request",
            "get_pending_pull_request",
            "close_pending_pull_request",
            "get_user",
            "list_users",
        ];
        let pull = "pull-request";
        assert_eq!(nouns(&names), [pull, pull, pull, pull, "user", "user"]);
    }

    #[test]
    fn the_list_of_verbs_can_be_searched() {
        assert!(FURTHER_VERBS.is_sorted());
    }
}
