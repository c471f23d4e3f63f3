//! What the pages look like: HTML without script.

use std::{fmt::Write, sync::LazyLock};

use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

use super::{
    super::super::super::{
        guidance::{Code, Failure},
        identity::Identity,
        tool::{Listing, Shown, ShownLine, Stage},
    },
    super::super::approvals::MAX_REASON,
    PATH,
    html::{line, text},
};

const STYLE: &str = include_str!("style.css");

/// The content security policy: nothing is loaded, nothing runs, one style is known by its digest.
pub(super) fn policy() -> &'static str {
    static POLICY: LazyLock<String> = LazyLock::new(|| {
        let digest = BASE64_STANDARD.encode(Sha256::digest(STYLE));
        format!(
            "default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; \
             frame-ancestors 'none'; base-uri 'none'"
        )
    });
    &POLICY
}

/// What is around every page: what the server is called, and who looks at it, with the token that the
/// forms of their visit carry.
pub(super) struct Frame<'a> {
    pub(super) server: &'a str,
    pub(super) visitor: Option<(&'a Identity, String)>,
}

impl Frame<'_> {
    fn page(&self, status: StatusCode, title: &str, content: &str) -> Response {
        let server = line(self.server);
        let visitor = match &self.visitor {
            None => String::new(),
            Some((who, token)) => format!(
                "<form method=\"post\" action=\"{PATH}/sign-out\">\
                 <input type=\"hidden\" name=\"form\" value=\"{token}\">\
                 <span>Signed in as <strong>{}</strong> of {}</span>\
                 <button>Sign out</button></form>",
                line(&who.subject),
                line(&who.tenant)
            ),
        };
        let page = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{} – {server}, approvals</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
             <a class=\"skip\" href=\"#main\">Skip to the content</a>\n\
             <header>\n<p><a href=\"{PATH}\" class=\"brand\">{server}: approvals</a></p>\n{visitor}\n\
             </header>\n<main id=\"main\" tabindex=\"-1\">\n{content}\n</main>\n</body>\n</html>\n",
            line(title)
        );
        (status, Html(page)).into_response()
    }

    fn token(&self) -> &str {
        self.visitor.as_ref().map_or("", |(_, token)| token)
    }
}

/// What went wrong, announced, and where the keyboard is.
fn alert(words: &str) -> String {
    format!(
        "<div class=\"note bad\" id=\"status\" role=\"alert\" tabindex=\"-1\" autofocus>\
         <p>{}</p></div>\n",
        text(words)
    )
}

/// The form to come in with; `change` is what to show then.
pub(super) fn sign_in(
    status: StatusCode,
    frame: Frame<'_>,
    change: &str,
    wrong: Option<&str>,
) -> Response {
    let title = if wrong.is_some() { "Not signed in" } else { "Sign in" };
    let content = format!(
        "<h1>Sign in to approve changes</h1>\n{}\
         <p>Here a second person approves or rejects changes that somebody else has proposed. Show \
         who you are with an access token of your own for this server.</p>\n\
         <form method=\"post\" action=\"{PATH}/sign-in\">\n\
         <input type=\"hidden\" name=\"change\" value=\"{}\">\n\
         <label for=\"token\">Access token</label>\n\
         <p class=\"hint\" id=\"token-hint\">It is checked once and not kept. You stay signed in in \
         this browser for 15 minutes, or until the token expires.</p>\n\
         <input id=\"token\" name=\"token\" type=\"password\" autocomplete=\"off\" required \
         spellcheck=\"false\" aria-describedby=\"token-hint\">\n\
         <button class=\"main\">Sign in</button>\n</form>",
        wrong.map_or_else(String::new, alert),
        line(change),
    );
    frame.page(status, title, &content)
}

/// What there is to decide about.
pub(super) fn list(frame: Frame<'_>, listing: &Listing) -> Response {
    let mut content = "<h1>Changes to decide about</h1>\n".to_owned();
    if listing.open.is_empty() {
        content.push_str(
            "<p role=\"status\">Nothing waits for a decision of yours.</p>\n\
             <p class=\"quiet\">What is proposed appears here when you load the page again.</p>\n",
        );
    }
    content.push_str(&cards(&listing.open, "h2"));
    for words in left_out(listing) {
        let _ = writeln!(content, "<p class=\"quiet\">{words}</p>");
    }
    if !listing.own.is_empty() {
        content.push_str("<h2>Yours, for somebody else to decide</h2>\n");
        content.push_str(&cards(&listing.own, "h3"));
    }
    if !listing.decided.is_empty() {
        content.push_str("<h2>Decided lately</h2>\n");
        content.push_str(&cards(&listing.decided, "h3"));
    }
    let title = match listing.open.len() {
        0 => "Nothing to decide".to_owned(),
        count => format!("{count}{} to decide", if listing.has_more { " and more" } else { "" }),
    };
    frame.page(StatusCode::OK, &title, &content)
}

/// What the list does not show, in sentences.
fn left_out(listing: &Listing) -> Vec<String> {
    let mut words = Vec::new();
    if listing.has_more {
        words.push("There are more; they appear when these are decided.".to_owned());
    }
    if listing.is_cut {
        words.push(
            "There were too many to read them all: older ones may wait for you, too.".to_owned(),
        );
    }
    match listing.void {
        0 => {}
        1 => words.push("One is left out: a record has changed since it was proposed.".to_owned()),
        count => words
            .push(format!("{count} are left out: records have changed since they were proposed.")),
    }
    let own = listing.own_total.saturating_sub(listing.own.len() as u64);
    if own > 0 {
        words.push(format!("{own} more of your own wait for somebody else."));
    }
    words
}

fn cards(listed: &[Shown], heading: &str) -> String {
    if listed.is_empty() {
        return String::new();
    }
    let cards: String = listed.iter().map(|shown| card(shown, heading)).collect();
    format!("<ul class=\"cards\">\n{cards}</ul>\n")
}

fn card(shown: &Shown, heading: &str) -> String {
    let badge = |what: &str| format!(" <span class=\"badge {}\">{what}</span>", tone(shown.stage));
    let badge = match (shown.stage, &shown.decided_by) {
        (Stage::Proposed, _) if shown.is_own => badge("yours: somebody else has to decide"),
        (Stage::Proposed, _) => String::new(),
        (stage, Some(by)) => badge(&format!("{} by {}", decided(stage), line(by))),
        (stage, None) => badge(stage.name()),
    };
    let until = match shown.stage {
        Stage::Proposed => format!(", good until {}", time(&shown.expires_at)),
        _ => String::new(),
    };
    format!(
        "<li><{heading}><a href=\"{PATH}/changes/{}\">{}</a></{heading}>\
         <p>{}</p><p class=\"quiet\">Asked for by {} on {}{until}{badge}\
         </p></li>\n",
        line(&shown.id),
        line(&shown.title),
        text(&shown.reason),
        line(&shown.proposed_by),
        time(&shown.proposed_at),
    )
}

/// How a decision is told once the change has gone further.
fn decided(stage: Stage) -> &'static str {
    match stage {
        Stage::Applied => "made after approval",
        Stage::Void => "void after a decision",
        Stage::Expired => "expired after a decision",
        stage => stage.name(),
    }
}

fn tone(stage: Stage) -> &'static str {
    match stage {
        Stage::Proposed => "",
        Stage::Approved | Stage::Applied => "good",
        Stage::Rejected => "bad",
        Stage::Expired | Stage::Void => "careful",
    }
}

/// One proposal, with the forms where it can be decided about. `said` is what was wrong with what the
/// visitor has said, and the reason that they have given.
pub(super) fn show(
    status: StatusCode,
    frame: Frame<'_>,
    shown: &Shown,
    said: Option<(&str, &str)>,
) -> Response {
    let viewer = frame.visitor.as_ref().map(|(who, _)| who.subject.as_str());
    let (short, words) = standing(shown, viewer);
    let mut content = format!("<h1>{}</h1>\n", line(&shown.title));
    match said {
        Some((wrong, _)) => {
            content.push_str(&alert(&format!("Not decided: {wrong}.\n{words}")));
        }
        None => {
            let _ = writeln!(
                content,
                "<div class=\"note {}\" id=\"status\" role=\"status\" tabindex=\"-1\"><p>{}</p>{}\
                 </div>",
                tone(shown.stage),
                text(&words),
                remark(shown),
            );
        }
    }
    let _ = write!(
        content,
        "<dl>\n<dt>Asked for by</dt><dd>{}</dd>\n<dt>Why</dt><dd>{}</dd>\n{}\
         <dt>Asked on</dt><dd>{}</dd>\n<dt>Good until</dt><dd>{}</dd>\n\
         <dt>Change</dt><dd><code>{}</code></dd>\n</dl>\n",
        line(&shown.proposed_by),
        text(&shown.reason),
        topics(shown),
        time(&shown.proposed_at),
        time(&shown.expires_at),
        line(&shown.id),
    );
    content.push_str(&diff(&shown.diff));
    if shown.stage == Stage::Proposed && !shown.is_own {
        content.push_str(&forms(shown, frame.token(), said.map_or("", |(_, reason)| reason)));
    }
    let _ = write!(content, "<p><a href=\"{PATH}\">Back to all changes</a></p>");
    let short = if said.is_some() { "Not decided" } else { short };
    frame.page(status, &format!("{short}: {}", shown.title), &content)
}

/// How things stand, in a word for the title and in a sentence.
fn standing(shown: &Shown, viewer: Option<&str>) -> (&'static str, String) {
    let by = shown.decided_by.as_deref().unwrap_or("somebody");
    let by = if viewer == Some(by) { "You have" } else { &format!("{by} has") };
    let at = shown.decided_at.as_deref().map_or(String::new(), |at| format!(" on {}", spoken(at)));
    match shown.stage {
        Stage::Proposed if shown.is_own => {
            ("Yours", "You have asked for this yourself, so somebody else has to decide.".to_owned())
        }
        Stage::Proposed => ("To decide", "This waits for a decision.".to_owned()),
        Stage::Approved => (
            "Approved",
            format!("{by} approved this{at}. It is made when {} goes on with it.", shown.proposed_by),
        ),
        Stage::Rejected => ("Rejected", format!("{by} rejected this{at}. It is not made.")),
        Stage::Applied if shown.decided_by.is_some() => {
            ("Made", format!("{by} approved this{at}, and it was made."))
        }
        Stage::Applied => ("Made", "This was made.".to_owned()),
        Stage::Expired => ("Expired", "The time for this is up, and it was not made.".to_owned()),
        Stage::Void => (
            "Void",
            "A record has changed since this was proposed, so it cannot be made any more. It has to \
             be proposed again."
                .to_owned(),
        ),
    }
}

fn remark(shown: &Shown) -> String {
    match &shown.decision_reason {
        Some(reason) => format!("<p>Remark: {}</p>", text(reason)),
        None => String::new(),
    }
}

fn topics(shown: &Shown) -> String {
    let topic = |topic: &super::super::super::super::tool::Topic| {
        let id = match topic.id.is_empty() {
            true => "new".to_owned(),
            false => format!("<code>{}</code>", line(&topic.id)),
        };
        format!("<dt>About</dt><dd>{} {} ({id})</dd>\n", line(&topic.kind), line(&topic.name))
    };
    shown.topics.iter().map(topic).collect()
}

fn diff(lines: &[ShownLine]) -> String {
    let value = |value: &Option<String>, tag: &str| match value.as_deref() {
        None => "<span class=\"quiet\">nothing</span>".to_owned(),
        Some("") => "<span class=\"quiet\">empty</span>".to_owned(),
        Some(value) => format!("<{tag}>{}</{tag}>", text(value)),
    };
    let mut table =
        "<h2>What would be different</h2>\n<table>\n<caption>Each field as it is now, and \
                     as it would be</caption>\n<thead><tr><th scope=\"col\">Field</th>\
                     <th scope=\"col\">Now</th><th scope=\"col\">Then</th></tr></thead>\n<tbody>\n"
            .to_owned();
    for ShownLine { field, before, after } in lines {
        let (before, after) = (value(before, "del"), value(after, "ins"));
        let field = line(field).replace('_', " ");
        let _ = writeln!(
            table,
            "<tr><th scope=\"row\">{field}</th><td>{before}</td><td>{after}</td></tr>"
        );
    }
    table.push_str("</tbody>\n</table>\n");
    table
}

fn forms(shown: &Shown, token: &str, reason: &str) -> String {
    let form =
        |decision: &str, class: &str, label: &str, hint: &str, required: &str, verb: &str| {
            format!(
                "<form method=\"post\" action=\"{PATH}/changes/{}\">\n\
             <input type=\"hidden\" name=\"form\" value=\"{token}\">\n\
             <input type=\"hidden\" name=\"digest\" value=\"{}\">\n\
             <label for=\"{decision}-reason\">{label}</label>\n\
             <p class=\"hint\" id=\"{decision}-hint\">{hint}</p>\n\
             <textarea id=\"{decision}-reason\" name=\"reason\" maxlength=\"{MAX_REASON}\" \
             aria-describedby=\"{decision}-hint\"{required}>{}</textarea>\n\
             <button name=\"decision\" value=\"{decision}\" class=\"{class}\">{verb}</button>\n\
             </form>\n",
                line(&shown.id),
                line(&shown.digest),
                text(reason),
            )
        };
    let who = line(&shown.proposed_by);
    format!(
        "<h2>Your decision</h2>\n<div class=\"choice\">\n{}{}</div>\n",
        form(
            "approve",
            "main",
            "Remark",
            &format!("If there is anything to say. {who} reads it."),
            "",
            "Approve this change"
        ),
        form(
            "reject",
            "",
            "Why not?",
            &format!("Needed to reject it. {who} reads it."),
            " required",
            "Reject this change"
        ),
    )
}

/// A refusal, in words.
pub(super) fn failed(status: StatusCode, frame: Frame<'_>, failure: &Failure) -> Response {
    let (title, words) = match failure.code {
        Code::NotFound => (
            "No such change",
            "There is no change with this id that you could decide about. It may never have been, or \
             not be for you."
                .to_owned(),
        ),
        Code::InvalidArgument => ("Not understood", sentence(&failure.message)),
        Code::NotPermitted => ("Not for you", sentence(&failure.message)),
        Code::UpstreamUnavailable => {
            ("Not now", format!("{} Try again in a few seconds.", sentence(&failure.message)))
        }
        Code::OutcomeUnknown => (
            "Not known",
            "It is not known whether your decision was taken down. Look at the change again: it says \
             what was decided."
                .to_owned(),
        ),
        _ => (
            "The server made a mistake",
            format!("Tell whoever runs the server this number: {}", failure.correlation_id),
        ),
    };
    let content = format!(
        "<h1>{title}</h1>\n{}<p><a href=\"{PATH}\">Back to all changes</a></p>",
        alert(&words)
    );
    frame.page(status, title, &content)
}

/// What is wrong where nobody is known.
pub(super) fn problem(status: StatusCode, server: &str, words: &str) -> Response {
    let title = match status {
        StatusCode::FORBIDDEN => "Refused",
        StatusCode::BAD_REQUEST => "Not understood",
        StatusCode::PAYLOAD_TOO_LARGE => "Too long",
        StatusCode::REQUEST_TIMEOUT => "Too slow",
        _ => "Not now",
    };
    let frame = Frame { server, visitor: None };
    let content =
        format!("<h1>{title}</h1>\n{}<p><a href=\"{PATH}\">To all changes</a></p>", alert(words));
    frame.page(status, title, &content)
}

/// A message as a sentence.
pub(super) fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    letters
        .next()
        .map_or(String::new(), |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

/// A time for people and for programs.
fn time(written: &str) -> String {
    format!("<time datetime=\"{}\">{}</time>", line(written), line(&spoken(written)))
}

/// `2026-11-23T17:30:45.120Z` as `2026-11-23 17:30 UTC`.
fn spoken(written: &str) -> String {
    match (written.get(..10), written.get(11..16)) {
        (Some(day), Some(hour)) => format!("{day} {hour} UTC"),
        _ => written.to_owned(),
    }
}
