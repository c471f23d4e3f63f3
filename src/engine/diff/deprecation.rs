//! Was a thing that is gone announced to go, and for as long as the policy asks?

use serde_json::Value;

use super::location::Location;
use crate::engine::{
    contract::{Deprecation, Keys, Mark},
    protocol::{date::Date, pointer::Pointer},
    surface::Tool,
};

/// How long something has to be marked deprecated before it may go. What is not set is not asked
/// for; what is set has to hold, all of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// For so many days.
    pub window_days: Option<u32>,
    /// In so many released versions.
    pub releases: Option<u32>,
    /// Where in `_meta` a tool says it.
    pub keys: Keys,
}

/// What was said before something went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// Nothing.
    NotGiven,
    /// That it is deprecated, but not what replaces it.
    WithoutReplacement,
    /// Not for long enough; in words.
    TooShort(String),
    /// All that the policy asks for; in words.
    Given(String),
}

impl Notice {
    /// Whether it may go.
    pub fn is_given(&self) -> bool {
        matches!(self, Self::Given(_))
    }
}

/// What is known about the deprecated things of the old surface.
#[derive(Debug, Clone)]
pub(super) struct Deprecations<'a> {
    pub(super) policy: &'a Policy,
    pub(super) today: Option<Date>,
    pub(super) history: Vec<Deprecation>,
}

impl Deprecations<'_> {
    /// The notice that was given for a tool of the old surface.
    pub(super) fn of_tool(&self, tool: &Tool) -> Notice {
        let Some(mark) = Mark::of(tool, &self.policy.keys) else { return Notice::NotGiven };
        let Some(replacement) = &mark.replacement else { return Notice::WithoutReplacement };
        let mut said = format!("deprecated in favour of `{replacement}`");
        let mut is_over = false;
        match (&mark.sunset, sunset(&mark), self.today) {
            (Some(_), None, _) => said.push_str("; its sunset is no date"),
            (_, Some(sunset), Some(today)) if today < sunset => {
                return Notice::TooShort(format!("its sunset is {sunset}"));
            }
            (_, Some(sunset), Some(_)) => {
                said.push_str(&format!(", sunset {sunset}"));
                is_over = true;
            }
            _ => {}
        }
        let thing = Thing { tool: &tool.name, within: None, since: mark.since.as_deref(), is_over };
        self.notice(&thing, &said)
    }

    /// The notice that was given for a property, by its place in the old schema's tool.
    pub(super) fn of_property(&self, tool: &str, within: &Pointer, here: &Location<'_>) -> Notice {
        if here.get("deprecated").is_none_or(|(_, value)| *value != Value::Bool(true)) {
            return Notice::NotGiven;
        }
        let thing = Thing { tool, within: Some(within), since: None, is_over: false };
        self.notice(&thing, "marked deprecated")
    }

    /// The day from which a tool that is still there may be gone.
    pub(super) fn days_left(&self, mark: &Mark) -> Option<i64> {
        match (sunset(mark), self.today) {
            (Some(sunset), Some(today)) => Some(sunset.days_since(today).max(0)),
            _ => self.policy.window_days.map(i64::from),
        }
    }

    fn notice(&self, thing: &Thing<'_>, said: &str) -> Notice {
        let is_it =
            |it: &&Deprecation| it.tool == thing.tool && it.property.as_ref() == thing.within;
        let known = self.history.iter().find(is_it);
        // Nobody kept a history, and callers were given a day that has passed.
        if known.is_none() && thing.is_over {
            return Notice::Given(said.to_owned());
        }
        if let Some(asked) = self.policy.window_days.filter(|asked| *asked > 0) {
            let first = known.map(|it| it.first_date).or_else(|| thing.since?.parse().ok());
            let (Some(first), Some(today)) = (first, self.today) else {
                return Notice::TooShort(format!("{said}, since when is not known"));
            };
            let days = today.days_since(first);
            if days < i64::from(asked) {
                return Notice::TooShort(format!("{said} for {days} of {asked} days"));
            }
        }
        if let Some(asked) = self.policy.releases {
            // The surface that has the mark is one version at least.
            let versions = known.map_or(1, |it| it.versions);
            if versions < asked {
                return Notice::TooShort(format!("{said} in {versions} of {asked} releases"));
            }
        }
        Notice::Given(said.to_owned())
    }
}

/// Something deprecated that is gone.
struct Thing<'a> {
    tool: &'a str,
    /// Where in the tool; none for the tool itself.
    within: Option<&'a Pointer>,
    /// What the mark says, which may be a day.
    since: Option<&'a str>,
    /// Whether the day on which it was to go has come.
    is_over: bool,
}

/// The day from which a tool may be gone, where the mark has one that is a date.
pub(super) fn sunset(mark: &Mark) -> Option<Date> {
    mark.sunset.as_deref()?.parse().ok()
}

/// The mark in words: `deprecated since 1.4.0 in favour of …`.
pub(super) fn describe(mark: &Mark) -> String {
    let mut text = "deprecated".to_owned();
    if let Some(since) = &mark.since {
        text.push_str(&format!(" since {since}"));
    }
    if let Some(replacement) = &mark.replacement {
        text.push_str(&format!(" in favour of `{replacement}`"));
    }
    if let Some(sunset) = &mark.sunset {
        text.push_str(&format!(", sunset {sunset}"));
    }
    text
}
