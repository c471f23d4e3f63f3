//! Looking at proposals, to decide about them as a second person.
//!
//! The runtime keeps proposals and does not know what they mean. A connector says it with a [`Review`]:
//! which records a proposal is about, and who may see its lines. The policy then decides
//! [`ACTION`](approval::ACTION) about each of the records, and who may not decide about a proposal, or
//! not see a line of it, sees nothing of it: it does not exist for them.
//!
//! Read [`Toolbox::proposals`] first. What was looked at is in the trail before it is shown.

mod shown;
#[cfg(test)]
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod tests;
#[cfg(test)]
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub mod trial;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use serde_json::json;

use super::{
    super::{
        approval::{self, ACTION, Line, Position, Proposal},
        audit::{self, Concealed, Phase},
        guidance::{Code, Failure, Next},
        identity::Identity,
        policy::{Attribute, Resource},
        store::{Store, StoreError},
    },
    Call, Services, Toolbox,
    outage::outage,
    toolbox::answered,
};

pub use shown::{Listing, Shown, ShownLine, Stage, Topic};

/// What a connector says of the proposals that are made for its tools.
#[async_trait]
pub trait Review: Send + Sync + 'static {
    /// The scopes that it takes to look at proposals and to decide about them.
    fn scopes(&self) -> &'static [&'static str];

    /// What a proposal is about, as things are now; none where a record is gone.
    async fn matter(
        &self,
        store: &dyn Store,
        proposal: &Proposal,
    ) -> Result<Option<Matter>, StoreError>;

    /// Whether somebody may see a line of its diff.
    fn shows(&self, call: &Call, matter: &Matter, line: &Line) -> bool;
}

/// What a proposal is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Matter {
    /// The records, all of them: the policy has to permit a decision about each.
    pub resources: Vec<Resource>,
    /// What else the policy is told.
    pub context: Vec<(&'static str, Attribute)>,
    /// The same records for people.
    pub topics: Vec<Topic>,
    /// Whether a record has changed since, so that the change cannot be made any more.
    pub is_void: bool,
}

/// The most proposals that are shown of those that wait for whoever looks.
const MOST_OPEN: usize = 50;
/// The most that are shown of those that they have proposed themselves.
const MOST_OWN: usize = 20;
/// The most that are shown of those that are decided.
const MOST_DECIDED: usize = 20;
/// How many are read at a time.
const STEP: u32 = 100;
/// The most that are read for one list: who sees few of many is not worth all of them.
const MOST_READ: usize = 10_000;
/// For how long what is open is read for one list.
const PATIENCE: Duration = Duration::from_secs(3);
/// For how long, in milliseconds, what was decided is listed.
const LATELY_MS: i64 = 7 * 24 * 60 * 60 * 1_000;
/// The longest id that is looked for, in bytes.
const MAX_ID: usize = 64;

impl Toolbox {
    /// Whether there is anything here that a second person decides about.
    pub fn has_reviews(&self) -> bool {
        self.review.is_some()
    }

    /// The scopes that it takes to decide.
    pub fn review_scopes(&self) -> &'static [&'static str] {
        self.review.as_ref().map_or(&[], |review| review.scopes())
    }

    /// The proposals about which somebody may decide, and those that were decided lately: the newest
    /// first, and not more than a page has room for.
    ///
    /// # Errors
    ///
    /// Where they may decide about nothing, or the store does not answer.
    pub async fn proposals(
        &self,
        services: &Arc<Services>,
        identity: &Arc<Identity>,
        correlation_id: &str,
    ) -> Result<Listing, Failure> {
        let desk = self.desk(services, identity, correlation_id);
        let listing = desk.listing().await;
        desk.write_down(&json!({"list": true}), listing).await
    }

    /// One proposal, whole.
    ///
    /// # Errors
    ///
    /// Where there is none for them, or the store does not answer.
    pub async fn proposal(
        &self,
        services: &Arc<Services>,
        identity: &Arc<Identity>,
        id: &str,
        correlation_id: &str,
    ) -> Result<Shown, Failure> {
        let desk = self.desk(services, identity, correlation_id);
        let shown = desk.shown(id).await;
        desk.write_down(&json!({"proposal": id}), shown).await
    }

    pub(super) fn desk<'a>(
        &'a self,
        services: &'a Arc<Services>,
        identity: &'a Arc<Identity>,
        correlation_id: &str,
    ) -> Desk<'a> {
        let call = Call::new(
            Arc::clone(identity),
            services.policy.principal(identity),
            Arc::clone(services),
            ACTION,
            correlation_id.to_owned(),
        );
        Desk { toolbox: self, call, services, started: services.clock.now() }
    }
}

/// Where one person looks at proposals, once.
pub(super) struct Desk<'a> {
    toolbox: &'a Toolbox,
    pub(super) call: Call,
    services: &'a Arc<Services>,
    started: i64,
}

impl Desk<'_> {
    /// What is known of the proposals, for somebody who may decide about any.
    pub(super) fn review(&self) -> Result<&dyn Review, Failure> {
        let Some(review) = self.toolbox.review.as_deref() else {
            self.call.deny();
            return Err(not_permitted("nothing here is decided by a second person".to_owned()));
        };
        let identity = &self.call.identity;
        let lacks = |scope: &&&str| !identity.scopes.contains(**scope);
        if let Some(scope) = review.scopes().iter().find(lacks) {
            self.call.deny();
            return Err(not_permitted(format!("this user lacks the scope `{scope}`")));
        }
        if !self.call.may(ACTION, &Resource::tenant(&identity.tenant), &[]) {
            self.call.deny();
            let message = "this user may not decide about changes".to_owned();
            return Err(not_permitted(message));
        }
        Ok(review)
    }

    pub(super) fn tools(&self) -> Vec<&'static str> {
        self.toolbox.all().map(|tool| tool.definition.name).collect()
    }

    /// What a proposal is about, where this person may decide about it and see all of it.
    async fn matter(
        &self,
        review: &dyn Review,
        proposal: &Proposal,
    ) -> Result<Option<Matter>, Failure> {
        let matter = review.matter(&*self.services.store, proposal).await;
        let Some(matter) = matter.map_err(|it| store_failure(&it))? else { return Ok(None) };
        let may_decide = |resource| self.call.may(ACTION, resource, &matter.context);
        let is_theirs = !matter.resources.is_empty()
            && matter.resources.iter().all(may_decide)
            && proposal.new.diff.iter().all(|line| review.shows(&self.call, &matter, line));
        Ok(is_theirs.then_some(matter))
    }

    /// A proposal by its id with what it is about. One that is hidden is answered like one that never
    /// was.
    pub(super) async fn find(&self, id: &str) -> Result<(Proposal, Matter), Failure> {
        let review = self.review()?;
        if id.len() > MAX_ID || id.chars().any(char::is_control) {
            self.call.deny();
            return Err(not_found());
        }
        let (store, tenant) = (&*self.services.store, &self.call.identity.tenant);
        let found = approval::find(store, &self.tools(), tenant, id).await;
        if let Some(proposal) = found.map_err(|it| store_failure(&it))? {
            self.call.touches(&proposal.id);
            if let Some(matter) = self.matter(review, &proposal).await? {
                return Ok((proposal, matter));
            }
        }
        self.call.deny();
        Err(not_found())
    }

    async fn shown(&self, id: &str) -> Result<Shown, Failure> {
        let (proposal, matter) = self.find(id).await?;
        Ok(self.of(&proposal, &matter))
    }

    fn of(&self, proposal: &Proposal, matter: &Matter) -> Shown {
        Shown::of(proposal, matter, &self.call.identity, self.services.clock.now())
    }

    async fn listing(&self) -> Result<Listing, Failure> {
        let review = self.review()?;
        let (store, tools) = (&*self.services.store, self.tools());
        let (tenant, now) = (self.call.identity.tenant.as_str(), self.services.clock.now());
        let mut listing = self.open(review, (tenant, now)).await?;
        let since = (tenant, now.saturating_sub(LATELY_MS));
        let decided = approval::decided(store, &tools, since, STEP).await;
        let decided = decided.map_err(|it| store_failure(&it))?;
        listing.decided = self.visible(review, decided).await?;
        listing.decided.truncate(MOST_DECIDED);
        for shown in listing.open.iter().chain(&listing.own).chain(&listing.decided) {
            self.call.touches(&shown.id);
        }
        Ok(listing)
    }

    /// What is open. It is read until there is enough that waits for this person: whoever proposes a
    /// lot that nobody can decide about does not hide what the others have proposed.
    async fn open(&self, review: &dyn Review, about: (&str, i64)) -> Result<Listing, Failure> {
        let (store, tools, began) = (&*self.services.store, self.tools(), Instant::now());
        let mut listing = Listing::default();
        let (mut after, mut read) = (Some(Position::first()), 0);
        while let Some(position) = after {
            let page = approval::open(store, &tools, about, &position, STEP).await;
            let page = page.map_err(|it| store_failure(&it))?;
            for proposal in page.proposals {
                if read >= MOST_READ || began.elapsed() > PATIENCE {
                    listing.is_cut = true;
                    return Ok(listing);
                }
                read += 1;
                let Some(matter) = self.matter(review, &proposal).await? else { continue };
                let shown = self.of(&proposal, &matter);
                match shown.stage {
                    Stage::Proposed if shown.is_own => {
                        listing.own_total += 1;
                        if listing.own.len() < MOST_OWN {
                            listing.own.push(shown);
                        }
                    }
                    Stage::Proposed if listing.open.len() == MOST_OPEN => {
                        listing.has_more = true;
                        return Ok(listing);
                    }
                    Stage::Proposed => listing.open.push(shown),
                    _ => listing.void += 1,
                }
            }
            after = page.next;
        }
        Ok(listing)
    }

    async fn visible(
        &self,
        review: &dyn Review,
        proposals: Vec<Proposal>,
    ) -> Result<Vec<Shown>, Failure> {
        let mut visible = Vec::new();
        for proposal in proposals {
            if let Some(matter) = self.matter(review, &proposal).await? {
                visible.push(self.of(&proposal, &matter));
            }
        }
        Ok(visible)
    }

    /// Writes down what was looked at, or why it was not, before it is answered.
    async fn write_down<T>(
        &self,
        asked: &serde_json::Value,
        outcome: Result<T, Failure>,
    ) -> Result<T, Failure> {
        let outcome = self.kept(Phase::Review, asked, outcome).await;
        outcome.map_err(|mut failure| {
            self.call.correlation_id.clone_into(&mut failure.correlation_id);
            failure
        })
    }

    /// The same for any step.
    pub(super) async fn kept<T>(
        &self,
        phase: Phase,
        asked: &serde_json::Value,
        outcome: Result<T, Failure>,
    ) -> Result<T, Failure> {
        let result = match &outcome {
            Ok(_) => audit::Outcome::ok(),
            Err(failure) => audit::Outcome::failed(failure.code),
        };
        let mut entry = self.entry(asked, result);
        entry.phase = phase;
        answered(self.services, entry, outcome).await
    }

    pub(super) fn entry(&self, asked: &serde_json::Value, result: audit::Outcome) -> audit::Entry {
        self.call.entry(self.toolbox.connector(), Concealed::json(asked), result, self.started)
    }
}

fn not_permitted(message: String) -> Failure {
    let next = Next::ask_user("ask whoever manages the users of this server");
    Failure::new(Code::NotPermitted, message, next)
}

pub(super) fn not_found() -> Failure {
    let next = Next::fix_arguments("use the id of a change that was proposed");
    Failure::new(Code::NotFound, "there is no proposal with this id", next)
}

/// Proposals cannot be looked at.
pub(super) fn store_failure(fault: &StoreError) -> Failure {
    outage(fault, "proposals cannot be read at the moment")
}
