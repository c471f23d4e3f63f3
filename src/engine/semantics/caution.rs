//! Whether a tool had better be left alone by who must not take part in a change.
//!
//! Errs on the side of leaving alone, because a tool that is not called for nothing costs little.
//! Reads English. Not for: accusing a tool of anything, which is `claim`.

use super::{
    claim::first_sentence,
    effect::{Effect, description_verb, effect_of_words, makes_nothing_lasting},
    reach::takes_a_program,
    verb::{self, Kind},
    word::words,
};
use crate::engine::surface::Tool;

/// Whether anything about a tool but its hints says that calling it may change something: its name,
/// its title, a sentence of its description, or an argument that takes a program. One word is enough.
pub fn may_write(tool: &Tool) -> bool {
    let description = tool.description.as_deref().unwrap_or_default();
    let title = tool.title.as_deref().unwrap_or_default();
    let reads = description_verb(description).is_some_and(|(_, kind)| kind == Kind::Reads);
    effect_of_words(tool) == Effect::Writes
        || names_a_change(&tool.name, reads, description)
        || names_a_change(title, reads, description)
        || speaks_of_a_change(description)
        || takes_a_program(tool)
}

/// Whether the first verb of a name is one of change, or any that `and` joins to it. What is a noun
/// as often counts unless the description begins with a verb of reading.
fn names_a_change(name: &str, reads: bool, description: &str) -> bool {
    let words = words(name);
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    // `crm_customer_record_delete`: where nothing before it is a verb, the last word may be one.
    let candidates = words.iter().take(3).chain(words.iter().skip(3).last());
    let first = candidates.into_iter().find_map(|word| {
        let is_act = |list: &[&str]| list.contains(&word.as_str());
        if is_act(verb::ACTING) || (word == "format" && has(verb::FORMATTED)) {
            return Some(true);
        }
        if is_act(verb::ACTING_OR_NOUN) {
            return Some(!reads);
        }
        match verb::kind(word)? {
            Kind::Reads => Some(false),
            _ if is_act(verb::PLAINLY_WRITING) && !is_act(verb::NOUNS_TOO) => Some(true),
            Kind::Writes => Some(!reads),
            Kind::MayBeNoun => Some(!reads && !has(verb::PLAINLY_READING)),
            Kind::Computes => Some(!reads && !verb::is_about_values(description)),
        }
    });
    first.unwrap_or(false) || joins_a_change(&words) || is_switched(&words)
}

/// Whether a name goes on with a change after `and`, `or` or `then`: `get_or_create_user`. Behind
/// such a word stands what the first verb is, which is no noun: in `get_delete_policy` there is none.
fn joins_a_change(words: &[String]) -> bool {
    words.windows(2).any(|pair| {
        let (before, word) = (pair[0].as_str(), pair[1].as_str());
        let is_verb = verb::kind(word).is_some_and(|kind| kind != Kind::Reads)
            || verb::ACTING.contains(&word)
            || verb::ACTING_OR_NOUN.contains(&word);
        ["and", "else", "or", "plus", "then"].contains(&before) && is_verb
            || before == "or" && word == "new"
    })
}

/// Whether a description speaks of a change anywhere: "Deletes everything", "and removes them from
/// the server", "cannot be undone".
fn speaks_of_a_change(description: &str) -> bool {
    let lower = description.to_lowercase().replace('\u{2019}', "'");
    if verb::GONE_FOR_GOOD.iter().any(|phrase| lower.contains(phrase)) {
        return true;
    }
    let begins_so = description_verb(description).is_some_and(|(verb, kind)| {
        matches!(kind, Kind::Writes | Kind::MayBeNoun)
            && !makes_nothing_lasting(&verb, &first_sentence(description))
    });
    // What is handed over and given back is no change.
    let is_kept = !verb::is_about_values(description)
        && !words(description).iter().any(|word| verb::is_given_back(word));
    begins_so
        || lower.split(['.', ';', ':', '\n']).any(|sentence| {
            has_change(&words(sentence))
                || sentence.split([',', '(', ')', '\u{2013}', '\u{2014}']).any(|clause| {
                    let clause = words(clause);
                    (0..clause.len()).any(|at| Said { clause: &clause, at }.is_change(is_kept))
                })
        })
}

/// What may stand before a verb that is not what the tool does.
const OF_OTHERS: &[&str] = &[
    "all", "any", "by", "for", "from", "if", "its", "latest", "never", "new", "no", "not", "of",
    "recent", "that", "the", "their", "what", "when", "whether", "which", "who", "with",
];

/// Whether a verb of change in the third person stands in a sentence with its object, and is not
/// said of something else ("the rule that deletes old rows") or denied.
fn has_change(sentence: &[String]) -> bool {
    sentence.iter().enumerate().any(|(index, word)| {
        let is_act = verb::base_and_kind(word).is_some_and(|(base, kind)| {
            base != *word
                && kind == Kind::Writes
                && !makes_nothing_lasting(&base, &sentence[index..])
        }) || verb::is_form_of(word, verb::ACTING);
        let before = index.checked_sub(1).map(|before| sentence[before].as_str());
        let is_object = |next: &String| verb::starts_object(next) || is_everything(next);
        is_act
            && !before.is_some_and(|before| OF_OTHERS.contains(&before))
            && (index == 0 || sentence.get(index + 1).is_some_and(is_object))
            && !sentence.get(index + 1).is_some_and(|next| verb::follows_a_noun(next))
    })
}

fn is_everything(word: &str) -> bool {
    word == "everything" || word == "anything"
}

/// Whether something is turned on or off.
fn is_switched(words: &[String]) -> bool {
    const SWITCHES: &[&str] = &["power", "powers", "switch", "switches", "turn", "turns"];
    let is_switch = |word: &String| SWITCHES.contains(&word.as_str());
    words.windows(2).any(|pair| is_switch(&pair[0]) && (pair[1] == "on" || pair[1] == "off"))
}

/// A word of a clause, which may be a verb in another form than the third person, or one that is a
/// noun as often.
#[derive(Clone, Copy)]
struct Said<'a> {
    clause: &'a [String],
    at: usize,
}

impl<'a> Said<'a> {
    /// Whether the word says that the tool changes something. `is_kept` says whether what it deals
    /// with may be anything but texts and numbers that it takes and gives back.
    fn is_change(self, is_kept: bool) -> bool {
        const DENIALS: &[&str] = &[
            "cannot", "doesn", "don", "neither", "never", "no", "none", "nor", "not", "nothing",
            "without", "won",
        ];
        let is_act = self.is_gerund(is_kept)
            || self.is_passive()
            || self.is_joined(is_kept)
            || self.is_purpose()
            || self.is_marked()
            || self.is_noun_elsewhere(is_kept);
        is_act && !self.has_before(DENIALS)
    }

    /// "Gets a user, deleting the old one".
    fn is_gerund(self, is_kept: bool) -> bool {
        const OTHERWISE: &[&str] =
            &["about", "after", "are", "avoid", "before", "is", "on", "than", "to", "while"];
        let verbs = verb::of_gerund(self.word());
        let is_act = verbs.iter().any(|verb| is_any_change(verb, is_kept));
        let is_of_others =
            self.before(1).is_some_and(|it| OF_OTHERS.contains(&it) || OTHERWISE.contains(&it));
        is_act && !is_of_others && self.takes_object()
    }

    /// "it is created when missing", "the message will be deleted".
    fn is_passive(self) -> bool {
        // What these say holds of a thing without anybody having done it just now.
        const STATES: &[&str] = &[
            "apply", "assign", "attach", "confirm", "deploy", "disable", "enable", "execute",
            "install", "publish", "put", "set",
        ];
        const ADVERBS: &[&str] = &["also", "automatically", "immediately", "permanently", "then"];
        const OF_PAST: &[&str] =
            &["at", "by", "daily", "every", "hourly", "monthly", "on", "once", "weekly"];
        const AT_THE_CALL: &[&str] =
            &["afterwards", "automatically", "first", "if", "instead", "then", "unless", "when"];
        const RELATIVE: &[&str] = &[
            "after", "as", "before", "how", "if", "once", "since", "that", "unless", "until",
            "what", "when", "where", "whether", "which", "while", "who", "whose",
        ];
        let verbs = verb::of_participle(self.word());
        let is_act = verbs.iter().any(|verb| {
            let verb = verb.as_str();
            (verb::is_change(verb) && !STATES.contains(&verb))
                || ["append", "charge", "insert", "mark", "refund"].contains(&verb)
        });
        let mut words = self.clause[..self.at].iter().rev().map(String::as_str);
        let nearest = words.find(|word| !ADVERBS.contains(word));
        let is_done = match nearest {
            Some("is" | "are" | "gets" | "being") => true,
            Some("be") => matches!(words.next(), Some("must" | "shall" | "will" | "would")),
            _ => false,
        };
        let next = self.next().unwrap_or_default();
        is_act
            && is_done
            && !OF_PAST.contains(&next)
            && (AT_THE_CALL.contains(&next) || !self.has_before(RELATIVE))
    }

    /// "Get the next job and remove it", "Get or create user".
    fn is_joined(self, is_kept: bool) -> bool {
        const OF_OTHERS: &[&str] = &[
            "can", "could", "how", "may", "might", "must", "should", "that", "to", "whether",
            "which", "who",
        ];
        let is_after = self.before(1).is_some_and(|it| ["also", "and", "or", "then"].contains(&it));
        if !is_after {
            return false;
        }
        let is_after_reading = self.before(2).is_some_and(|it| {
            verb::base_and_kind(it)
                .is_some_and(|(base, kind)| kind == Kind::Reads && base != "status" && self.at <= 4)
        });
        let word = self.word();
        let is_act = is_any_change(word, is_kept);
        let is_form =
            verb::base_and_kind(word).is_some_and(|(base, _)| is_any_change(&base, is_kept));
        !self.has_before(OF_OTHERS)
            && ((is_act && self.takes_object()) || ((is_act || is_form) && is_after_reading))
    }

    /// "Can be used to delete a page", "Lets you send mail".
    fn is_purpose(self) -> bool {
        let is_meant = matches!(
            (self.before(2), self.before(1)),
            (Some("this" | "tool" | "used" | "you"), Some("to"))
                | (Some("let" | "lets"), Some("you"))
        );
        is_meant && is_any_change(self.word(), true)
    }

    /// "marks messages as read", "turns the pump off".
    fn is_marked(self) -> bool {
        let ends_with = |endings: &[&str], within: usize| {
            let mut after = self.clause[self.at + 1..].iter().take(within);
            after.any(|word| endings.contains(&word.as_str()))
        };
        match self.word() {
            "mark" | "marks" => ends_with(&["as"], 5),
            "turn" | "turns" | "switch" | "switches" | "powers" => ends_with(&["on", "off"], 4),
            _ => false,
        }
    }

    /// "locks the row", "pops one item": a verb before an object, a noun elsewhere.
    fn is_noun_elsewhere(self, is_kept: bool) -> bool {
        let is_of_others = self.before(1).is_some_and(|it| OF_OTHERS.contains(&it));
        let is_verb = match verb::base_and_kind(self.word()) {
            Some((base, Kind::MayBeNoun)) => {
                base != self.word() && !["complete", "make"].contains(&base.as_str())
            }
            Some((base, Kind::Computes)) => base != self.word() && is_kept,
            _ => verb::is_form_of(self.word(), verb::ACTING_BEFORE_AN_OBJECT),
        };
        is_verb && !is_of_others && self.takes_object()
    }

    fn word(self) -> &'a str {
        &self.clause[self.at]
    }

    fn before(self, distance: usize) -> Option<&'a str> {
        self.at.checked_sub(distance).map(|at| self.clause[at].as_str())
    }

    fn next(self) -> Option<&'a str> {
        self.clause.get(self.at + 1).map(String::as_str)
    }

    /// Whether one of these stands before the word and near enough to be about it.
    fn has_before(self, words: &[&str]) -> bool {
        const NEAR: usize = 24;
        let from = self.at.saturating_sub(NEAR);
        self.clause[from..self.at].iter().any(|word| words.contains(&word.as_str()))
    }

    fn takes_object(self) -> bool {
        self.next().is_some_and(|next| verb::is_determiner(next) || is_everything(next))
    }
}

/// Whether a verb is one of change where a noun cannot stand; of what may be a calculation only
/// where it `is_kept`.
fn is_any_change(verb: &str, is_kept: bool) -> bool {
    let is_noun_elsewhere = verb::ACTING_BEFORE_AN_OBJECT.contains(&verb);
    let kind = verb::kind(verb);
    verb::is_change(verb)
        || is_noun_elsewhere
        || kind == Some(Kind::MayBeNoun)
        || (is_kept && kind == Some(Kind::Computes))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::may_write;
    use crate::engine::{
        protocol::json::Limits,
        surface::{self, Tool},
    };

    fn read(tool: &serde_json::Value) -> Tool {
        let text = json!({"tools": [tool]}).to_string();
        surface::read(text.as_bytes(), &Limits::default()).unwrap().tools.remove(0)
    }

    fn tool(name: &str, description: &str) -> Tool {
        read(&json!({"name": name, "description": description}))
    }

    #[test]
    fn one_word_is_enough_to_leave_a_tool_alone() {
        for (name, description) in [
            ("harvest", "Deletes everything."),
            ("tidy", "Clears the barn. This cannot be undone."),
            ("empty_bin", "Takes away what is in it."),
            ("reboot", ""),
            ("format_disk", "For a new start."),
            ("buy_seed", "Seed of the season."),
            ("get_mails", "Gets new mails and removes them from the server."),
            ("field_tool", "Runs a shell command on the host."),
            ("delete_candidates", "Lists files."),
        ] {
            assert!(may_write(&tool(name, description)), "{name}");
        }
        for (name, description) in [
            ("get_delete_policy", "Returns the policy that deletes old rows."),
            ("post_code_lookup", "Looks up a post code."),
            ("open_document", "Opens a document and returns its text."),
            ("set_theory_search", "Searches papers on set theory."),
            ("render_chart", "Draws numbers as a chart."),
            ("add", "Adds two numbers."),
            ("convert_units", "Converts a length into another unit."),
            ("format_date", "Gives a date in the form of a country."),
            ("launch_calendar", "Lists launches of the year."),
            ("list_changes", "Lists the latest updates of each field."),
        ] {
            assert!(!may_write(&tool(name, description)), "{name}");
        }
    }

    #[test]
    fn a_verb_that_is_joined_to_the_first_counts() {
        const VERBS: &[&str] = &[
            "add", "append", "approve", "archive", "assign", "ban", "book", "cancel", "charge",
            "clear", "close", "commit", "create", "delete", "destroy", "disable", "drop", "edit",
            "enable", "erase", "execute", "grant", "import", "insert", "install", "invite", "kill",
            "lock", "merge", "modify", "move", "mute", "order", "patch", "pay", "post", "publish",
            "purge", "push", "put", "refund", "register", "reject", "remove", "rename", "reopen",
            "replace", "reset", "restore", "revoke", "run", "save", "schedule", "send", "set",
            "start", "stop", "store", "submit", "sync", "tag", "transfer", "truncate", "uninstall",
            "unlock", "update", "upload", "upsert", "wipe", "write",
        ];
        for verb in VERBS {
            for name in [format!("get_and_{verb}_item"), format!("find_or_{verb}_item")] {
                assert!(may_write(&tool(&name, "Gets an item.")), "{name}");
            }
        }
        for name in [
            "fetchThenDelete",
            "first_or_new",
            "turn_off_pump",
            "toggle_light",
            "kick",
            "bump_version",
            "pop_job",
            "acquire_lock",
            "crm_customer_record_delete",
        ] {
            assert!(may_write(&tool(name, "")), "{name}");
        }
        for name in ["get_terms_and_conditions", "get_delete_policy", "list_on_and_off_days"] {
            assert!(!may_write(&tool(name, "Gets it.")), "{name}");
        }
    }

    #[test]
    fn a_change_counts_in_every_form() {
        for description in [
            "Gets a user, deleting the old one.",
            "Gets a user, creating one when there is none.",
            "Gets a user; it is created when missing.",
            "Gets a user, which is created if there is none.",
            "Gets a report. The old one will be permanently deleted.",
            "Lists mail and marks it as read.",
            "Lists mail. Marks unread messages as read.",
            "Reads one message and acknowledges it.",
            "Pops one item.",
            "Shows a page, and increments the view counter.",
            "Reads the level and turns the pump off.",
            "Gets a row and locks it.",
            "Get the next job and remove it from the queue.",
            "Get or create user.",
            "Returns the cart and charges the card.",
            "Gets the next job, moving it to another queue.",
            "Can be used to delete a page.",
            "Lets you send mail.",
            "Reads the log and appends a row to it.",
            "Gets a token and e-mails it.",
            "Gets a report (and emails it to the owner).",
        ] {
            assert!(may_write(&tool("get_it", description)), "{description}");
        }
    }

    #[test]
    fn what_is_said_of_something_else_or_denied_is_no_change() {
        for description in [
            "Returns the orders that were deleted.",
            "Lists users whose account is deleted.",
            "Tells whether a field is deleted, and when it was created.",
            "Returns one order without changing anything.",
            "Read-only: nothing is created, updated or deleted.",
            "Does not create or modify the file.",
            "Returns steps for creating a user.",
            "Lists prices, which are updated daily.",
            "Lists who can create or delete a page.",
            "Lists the marks of a class.",
            "Returns how often a page is sent.",
            "Use this before deleting a page.",
            "Finds the id that is needed to update a page.",
            "Joins two strings and replaces a word.",
            "Lists posts and comments on or off a page.",
            "Gets the status and update time of a page.",
            "Orders the rows by date.",
        ] {
            assert!(!may_write(&tool("get_it", description)), "{description}");
        }
    }

    #[test]
    fn a_tool_that_takes_a_program_is_left_alone() {
        for (argument, description, expected) in [
            ("sql", "What to ask", true),
            ("question", "SQL to run", true),
            ("command", "For the shell", true),
            ("args", "passed to sh -c", true),
            ("country_code", "Two letters", false),
            ("question", "In plain words", false),
        ] {
            let schema = json!({"type": "object", "properties": {
                argument: {"type": "string", "description": description},
            }});
            let tool = read(&json!({"name": "ask_barn", "inputSchema": schema}));
            assert_eq!(may_write(&tool), expected, "{argument}: {description}");
        }
    }
}
