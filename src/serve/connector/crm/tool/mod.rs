//! The tools, one a file, and what they share.

mod get_customer;
mod list_activity;
mod search_customers;
mod time;

pub use get_customer::GetCustomer;
pub use list_activity::ListActivity;
pub use search_customers::SearchCustomers;

use serde_json::json;

use super::{
    super::super::runtime::{
        guidance::{Failure, Next},
        store::StoreError,
        tool::Call,
    },
    model::Record,
    store,
};

/// The scope of everything that reads.
const READ: &[&str] = &["crm.read"];

/// A customer of the sample data, as an example of an id: whoever tries the tools out finds it.
const EXAMPLE_CUSTOMER: &str = "f2b085fc-a176-448f-837c-07c349d14e23";

/// How long to wait, in milliseconds, while the store does not answer.
const STORE_RETRY_MS: u64 = 2_000;

/// The failure that a fault of the store is.
fn store_failure(fault: &StoreError) -> Failure {
    tracing::error!(%fault, "the store does not answer");
    if fault.is_transient() {
        Failure::unavailable("the records cannot be read at the moment", STORE_RETRY_MS)
    } else {
        Failure::internal()
    }
}

/// A customer that exists for this user. One that is hidden is answered like one that never was.
async fn visible_customer(call: &Call, id: &str) -> Result<Record, Failure> {
    let store = &*call.services.store;
    let record = store::customer(store, &call.identity.tenant, id)
        .await
        .map_err(|fault| store_failure(&fault))?;
    if let Some(record) = record {
        if call.is_allowed(&record.resource()) {
            call.touches(&record.id);
            return Ok(record);
        }
        call.denies(&record.id);
    }
    Err(Failure::not_found(
        "/customer_id",
        "there is no customer with this id",
        Next::call_tool("search_customers", json!({}), "find the customer and use its id"),
    ))
}
