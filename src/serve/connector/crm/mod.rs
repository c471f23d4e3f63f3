//! Customer records: find them, read one, read what has happened with it; propose a change, make it,
//! see how far it is.
//!
//! What a user gets is decided three times: the policy says which tools there are for them, which
//! records exist for them, and which fields of a record they see. A record that does not exist for
//! a user is answered like one that never was.
//!
//! A change is two calls: one says what would be different, the other one makes it. Between them
//! stands what the policy wants for it: nothing, the user's own confirmation, or a second person.
//!
//! Read [`tool`] first, then [`model`] and [`change`].

pub mod change;
pub mod demo;
pub mod model;
pub mod review;
pub mod store;
pub mod tool;

use super::super::runtime::{host::About, policy::Sources, store::Migration, tool::Toolbox};

/// What the server says of itself.
pub const ABOUT: About = About {
    name: "crm",
    title: "Customer records",
    version: env!("CARGO_PKG_VERSION"),
    instructions: "Customer records of one company. Begin with a search; the ids that it finds are \
        what the other tools take. Fields listed in redacted_fields exist, but not for this user: \
        say so instead of guessing. Where no tool is listed, this user has no access to the records. \
        An error names the next step in error.next.",
};

/// A session with it, as a cassette: a search, a customer, and a note that is proposed and added.
pub const RECORDING: &str = include_str!("recording.jsonl");

/// The tools that read.
pub fn toolbox() -> Toolbox {
    Toolbox::of("crm").with(tool::SearchCustomers).with(tool::GetCustomer).with(tool::ListActivity)
}

/// All tools, those that change something too.
pub fn toolbox_with_writes() -> Toolbox {
    toolbox()
        .with_change(tool::ProposeChange)
        .with_change(tool::CommitChange)
        .with(tool::GetChange)
        .with_review(review::Changes)
}

/// The tables, oldest first.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        component: "crm",
        version: 1,
        name: "customers and activities",
        sql: include_str!("migration/1_customers.sql"),
    },
    Migration {
        component: "crm",
        version: 2,
        name: "archived customers",
        sql: include_str!("migration/2_archive.sql"),
    },
];

/// The policies that are in force where an operator gives none.
pub fn policies() -> Sources {
    Sources::new()
        .with_schema("crm.cedarschema", include_str!("policy/crm.cedarschema"))
        .with_policies("crm.cedar", include_str!("policy/crm.cedar"))
}
