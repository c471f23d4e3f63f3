//! What verbs say about a tool, and where a word is a verb at all.
//!
//! Not for: taking a tool's name and description together, which is `effect`.

/// What a verb says about a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Reads,
    Writes,
    /// A verb of writing that is as often a noun: `post_code`, `patch_notes`.
    MayBeNoun,
    /// A verb of writing that is as often a calculation: `add`, `merge`.
    Computes,
}

/// What a word of a name says.
pub(super) fn kind(word: &str) -> Option<Kind> {
    let lists = [
        (READING, Kind::Reads),
        (WRITING, Kind::Writes),
        (MAY_BE_NOUNS, Kind::MayBeNoun),
        (COMPUTING, Kind::Computes),
    ];
    lists.into_iter().find(|(verbs, _)| verbs.contains(&word)).map(|(_, kind)| kind)
}

/// What a word of a sentence says, and the verb it is a form of.
pub(super) fn of_sentence(word: &str) -> Option<(String, Kind)> {
    base_and_kind(word).or_else(|| {
        let mut forms = base_forms(word);
        let base =
            forms.find(|form| ["look", "provide", "return", "tell"].contains(&form.as_str()))?;
        Some((base, Kind::Reads))
    })
}

/// The verb a word is, in itself or in the third person ("deletes", "pushes", "applies").
pub(super) fn base_and_kind(word: &str) -> Option<(String, Kind)> {
    base_forms(word).find_map(|form| kind(&form).map(|kind| (form, kind)))
}

fn base_forms(word: &str) -> impl Iterator<Item = String> {
    let of_y = word.strip_suffix("ies").map(|stem| format!("{stem}y"));
    [Some(word), word.strip_suffix('s'), word.strip_suffix("es")]
        .into_iter()
        .flatten()
        .map(str::to_owned)
        .chain(of_y)
        .collect::<Vec<_>>()
        .into_iter()
}

/// Whether a word begins the object of the verb before it: a determiner, a number or a plural.
pub(super) fn starts_object(word: &str) -> bool {
    let is_plural = word.len() > 3
        && word.ends_with('s')
        && !["ss", "us", "is", "ics"].iter().any(|ending| word.ends_with(ending));
    is_determiner(word) || is_plural
}

/// Whether a word can only be followed by what it belongs to: a determiner or a number.
pub(super) fn is_determiner(word: &str) -> bool {
    const DETERMINERS: &[&str] = &[
        "a", "all", "an", "another", "any", "both", "each", "every", "existing", "her", "his",
        "it", "its", "many", "multiple", "my", "new", "one", "our", "several", "some", "specific",
        "the", "their", "them", "these", "this", "those", "three", "two", "your",
    ];
    DETERMINERS.contains(&word) || word.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether what a word names is opened in order to read it.
pub(super) fn is_read_open(word: &str) -> bool {
    ["book", "document", "file", "folder", "image", "page", "picture", "workbook"]
        .contains(&word.trim_end_matches(['.', ',', 's']))
}

/// Whether a word is one of the verbs in the third person.
pub(super) fn is_form_of(word: &str, verbs: &[&str]) -> bool {
    base_forms(word).any(|form| form != word && verbs.contains(&form.as_str()))
}

/// What verb a word may be a form of that ends in "ing".
pub(super) fn of_gerund(word: &str) -> Vec<String> {
    word.strip_suffix("ing").map(of_stem).unwrap_or_default()
}

/// What verb a word may be a form of that says what is done to something: "deleted", "sent".
pub(super) fn of_participle(word: &str) -> Vec<String> {
    let irregular = match word {
        "bought" => "buy",
        "overwritten" => "overwrite",
        "paid" => "pay",
        "sent" => "send",
        "sold" => "sell",
        "withdrawn" => "withdraw",
        "written" => "write",
        _ => return word.strip_suffix("ed").map(of_stem).unwrap_or_default(),
    };
    vec![irregular.to_owned()]
}

/// The verbs that lose their ending to a form: "delet" of "deleting", "appli" of "applied", "shipp"
/// of "shipped".
fn of_stem(stem: &str) -> Vec<String> {
    let mut bases = vec![stem.to_owned(), format!("{stem}e")];
    bases.extend(stem.strip_suffix('i').map(|rest| format!("{rest}y")));
    let mut letters = stem.chars().rev();
    if letters.next().is_some_and(|last| letters.next() == Some(last)) {
        bases.extend(stem.char_indices().next_back().map(|(at, _)| stem[..at].to_owned()));
    }
    bases
}

/// Whether a verb is one of change in whatever it is said of: no noun and no calculation.
pub(super) fn is_change(verb: &str) -> bool {
    let is_certain = PLAINLY_WRITING.contains(&verb) && !NOUNS_TOO.contains(&verb);
    is_certain || ACTING.contains(&verb) || kind(verb) == Some(Kind::Writes)
}

/// Whether a word shows that the one before it was a plural and no verb.
pub(super) fn follows_a_noun(word: &str) -> bool {
    ["about", "are", "available", "by", "for", "from", "in", "of", "on", "that", "were", "with"]
        .contains(&word)
}

/// Whether a description speaks of plain values, with which one calculates.
pub(super) fn is_about_values(description: &str) -> bool {
    super::word::words(description).iter().any(|word| {
        ["arrays", "integers", "matrices", "numbers", "strings", "vectors"].contains(&word.as_str())
    })
}

const READING: &[&str] = &[
    "calculate", "check", "compare", "count", "describe", "diff", "download", "estimate",
    "explain", "export", "fetch", "find", "get", "inspect", "list", "lookup", "preview", "query",
    "read", "resolve", "retrieve", "search", "show", "status", "summarize", "validate", "verify",
    "view", "watch",
];

/// Verbs that mean reading and nothing else.
pub(super) const PLAINLY_READING: &[&str] =
    &["count", "describe", "fetch", "find", "get", "list", "lookup", "query", "retrieve", "search"];

const WRITING: &[&str] = &[
    "abort", "activate", "apply", "approve", "assign", "attach", "ban", "buy", "cancel", "confirm",
    "create", "deactivate", "delete", "deploy", "destroy", "disable", "discharge", "dismiss",
    "edit", "enable", "enroll", "erase", "execute", "install", "invite", "kill", "migrate",
    "modify", "notify", "publish", "purge", "put", "reboot", "reject", "remove", "rename",
    "reopen", "reserve", "restart", "restore", "revoke", "rotate", "save", "send", "set", "submit",
    "subscribe", "terminate", "transition", "truncate", "unassign", "uninstall", "unlink",
    "unlock", "unstar", "unsubscribe", "update", "upload", "upsert", "wipe", "withdraw", "write",
];

/// Verbs that mean a change to the world and nothing else.
pub(super) const PLAINLY_WRITING: &[&str] = &[
    "approve", "archive", "cancel", "charge", "create", "deactivate", "delete", "deploy",
    "destroy", "drop", "pay", "post", "publish", "purge", "refund", "reject", "remove", "revoke",
    "send", "terminate", "transfer", "uninstall", "unsubscribe", "update", "upload", "wipe",
];

/// Verbs that mean a change unless what they are done to is handed over with the call and given back:
/// `edit_page` and `insert_row` are changes, `edit_picture` and `insert_comma` are none.
pub(super) const WRITING_UNLESS_GIVEN_BACK: &[&str] = &[
    "abort", "activate", "add", "append", "assign", "ban", "book", "buy", "change", "clear",
    "close", "commit", "copy", "deposit", "disable", "discharge", "dismiss", "edit", "empty",
    "enable", "enroll", "erase", "grant", "import", "insert", "install", "invite", "kill", "lock",
    "merge", "migrate", "modify", "move", "notify", "patch", "place", "push", "reboot", "record",
    "register", "rename", "reopen", "reply", "reserve", "reset", "restart", "restore", "rotate",
    "save", "schedule", "set", "share", "start", "stop", "store", "submit", "subscribe", "sync",
    "transition", "trigger", "truncate", "unassign", "unlink", "unlock", "unstar", "upgrade",
    "upsert", "withdraw", "write",
];

/// Whether a word of a description says that something is handed over and given back.
pub(super) fn is_given_back(word: &str) -> bool {
    [word, word.trim_end_matches('s')].iter().any(|form| GIVEN_BACK.contains(form))
}

const GIVEN_BACK: &[&str] = &[
    "amount", "array", "audio", "character", "code", "color", "colour", "copy", "draft", "essay",
    "expression", "formula", "gives", "html", "image", "json", "letter", "list", "markdown",
    "matrix", "number", "paragraph", "phrase", "picture", "poem", "return", "returned", "sentence",
    "song", "speech", "story", "string", "sum", "text", "total", "vector", "whether", "word",
];

/// Verbs of a name that act on the world, of which a description need not say more.
pub(super) const ACTING: &[&str] = &[
    "abort", "accept", "ack", "acknowledge", "acquire", "bump", "buy", "consume", "decrement",
    "dequeue", "dial", "eject", "enqueue", "ensure", "eval", "evict", "exec", "execute", "getdel",
    "getset", "halt", "hire", "increment", "kick", "kill", "mute", "overwrite", "poweroff",
    "prune", "purchase", "reboot", "revert", "rollback", "sell", "shut", "shutdown", "toggle",
    "undo", "unlink", "unmute",
];

/// Those that are nouns or harmless as often: `launch_calendar`, `order_status`.
pub(super) const ACTING_OR_NOUN: &[&str] = &[
    "build", "burn", "call", "checkout", "claim", "dispatch", "drain", "email", "fire", "flush",
    "invoke", "launch", "like", "mint", "order", "pop", "print", "release", "run", "sign", "spend",
    "swap", "touch", "trade", "vote",
];

/// Those of them that a description says of nothing but an act, once an object follows: "pops one
/// item", and not "orders the rows" or "runs a query".
pub(super) const ACTING_BEFORE_AN_OBJECT: &[&str] = &[
    "burn", "dispatch", "email", "fire", "flush", "launch", "mail", "mint", "pop", "spend", "swap",
    "touch",
];

/// What is gone once it is formatted.
pub(super) const FORMATTED: &[&str] =
    &["card", "device", "disk", "drive", "partition", "sd", "usb", "volume"];

/// Words for what nobody can take back, or nobody can foresee.
pub(super) const GONE_FOR_GOOD: &[&str] = &[
    "any code", "any command", "arbitrary code", "arbitrary command", "bash command",
    "be reversed", "be undone", "for good", "irreversibl", "irrevocabl", "raw sql", "runs sql",
    "shell command", "system command",
];

/// Those of them that are nouns as often.
pub(super) const NOUNS_TOO: &[&str] =
    &["archive", "charge", "deposit", "pay", "post", "refund", "transfer", "upload"];

/// What a tool makes out of its arguments and gives back; nothing else is there afterwards.
pub(super) const PRODUCED: &[&str] = &[
    "chart", "copy", "diagram", "embedding", "graph", "hash", "image", "outline", "picture",
    "plot", "plan", "preview", "prompt", "report", "story", "summary", "table", "text",
];

/// Verbs with which the description of a tool that changes something begins.
pub(super) const CHANGING: &[&str] = &[
    "cancel", "charge", "create", "delete", "deposit", "enroll", "issue", "open", "pay", "place",
    "publish", "refund", "register", "remove", "reserve", "send", "submit", "transfer", "withdraw",
];

const MAY_BE_NOUNS: &[&str] = &[
    "archive", "book", "change", "charge", "clear", "close", "commit", "complete", "drop", "empty",
    "grant", "import", "increase", "lock", "make", "mark", "patch", "pay", "place", "post", "push",
    "record", "refund", "register", "reply", "reset", "schedule", "share", "star", "start", "stop",
    "store", "sync", "tag", "transfer", "trigger", "upgrade",
];

const COMPUTING: &[&str] = &["add", "append", "copy", "insert", "merge", "move", "replace"];

pub(super) const DESTROYING: &[&str] =
    &["delete", "destroy", "erase", "purge", "terminate", "truncate", "wipe"];

/// What is gone once it is dropped.
pub(super) const DROPPED: &[&str] = &[
    "collection", "column", "database", "db", "index", "keyspace", "partition", "schema", "table",
    "tables", "view",
];

/// Changes that leave the same behind when they are made again.
pub(super) const REPEATABLE: &[&str] = &[
    "activate", "archive", "assign", "cancel", "clear", "close", "complete", "deactivate",
    "change", "delete", "destroy", "disable", "dismiss", "drop", "edit", "empty", "enable",
    "erase", "grant", "lock", "mark", "modify", "move", "patch", "purge", "put", "reboot",
    "reject", "remove", "rename", "reopen", "replace", "reset", "restore", "revoke", "set", "star",
    "stop", "subscribe", "tag", "terminate", "truncate", "unassign", "uninstall", "unlink",
    "unlock", "unstar", "unsubscribe", "update", "upsert", "wipe", "withdraw",
];
