//! The tools, one a file, and what they share.

mod change;
mod commit_change;
mod get_change;
mod get_customer;
mod list_activity;
mod propose_change;
mod search_customers;
mod set;
mod time;

pub use commit_change::CommitChange;
pub use get_change::GetChange;
pub use get_customer::GetCustomer;
pub use list_activity::ListActivity;
pub use propose_change::ProposeChange;
pub use search_customers::SearchCustomers;

use serde_json::json;

use super::{
    super::super::runtime::{
        guidance::{Failure, Next},
        store::StoreError,
        tool::{Call, outage},
    },
    model::Record,
    store,
};

/// The scope of everything that reads.
const READ: &[&str] = &["crm.read"];

/// The scope of everything that changes something.
const WRITE: &[&str] = &["crm.read", "crm.write"];

/// A customer of the sample data, as an example of an id: whoever tries the tools out finds it.
const EXAMPLE_CUSTOMER: &str = "f2b085fc-a176-448f-837c-07c349d14e23";

/// The failure that a fault of the store is.
pub(super) fn store_failure(fault: &StoreError) -> Failure {
    outage(fault, "the records cannot be read at the moment")
}

/// A customer that this user may do something with, by the argument at a pointer. One that is hidden is
/// answered like one that never was.
pub(super) async fn visible_customer(
    call: &Call,
    action: &str,
    pointer: &str,
    id: &str,
) -> Result<Record, Failure> {
    let store = &*call.services.store;
    let record = store::customer(store, &call.identity.tenant, id)
        .await
        .map_err(|fault| store_failure(&fault))?;
    if let Some(record) = record {
        if call.may(action, &record.resource(), &[]) {
            call.touches(&record.id);
            return Ok(record);
        }
        call.denies(&record.id);
    }
    Err(Failure::not_found(
        pointer,
        "there is no customer with this id",
        Next::call_tool("search_customers", json!({}), "find the customer and use its id"),
    ))
}
