//! Whether the trail is as it was written.
//!
//! A chain proves its records against one another and against its head. Who can write the store can
//! still write a whole chain anew, or take a tenant away altogether: against that, keep the
//! [number and hash](Verdict) that a verification prints somewhere else, and compare.

use std::fmt;

use serde::Deserialize;

use super::{
    super::store::{Statement, Store, StoreError},
    chain::{Head, hash},
    reading::{Stored, stored, tenants},
};

/// How many records are read at a time.
const PAGE: u32 = 500;

/// What a verification has found about one tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whose chain it is.
    pub tenant: String,
    /// How many records are in order, from the first.
    pub records: u64,
    /// The hash of the last record, for a chain that is not broken.
    pub hash: String,
    /// Where and how the chain is broken, if it is.
    pub broken: Option<Break>,
}

/// Where a chain is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Break {
    /// The number of the first record that cannot be relied on.
    pub seq: u64,
    /// In which way.
    pub fault: Fault,
}

/// What is wrong with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Its text or its hash is another one.
    Changed,
    /// It is not there, although later ones are.
    Missing,
    /// It is a record of another place.
    Moved,
    /// It and all that followed are not there.
    Cut,
    /// It stands behind the end.
    Added,
}

impl fmt::Display for Break {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seq = self.seq;
        match self.fault {
            Fault::Changed => write!(formatter, "record {seq} is not as it was written"),
            Fault::Missing => write!(formatter, "record {seq} is missing"),
            Fault::Moved => write!(formatter, "record {seq} belongs in another place"),
            Fault::Cut => write!(formatter, "the records from {seq} on are cut off"),
            Fault::Added => write!(formatter, "record {seq} stands behind the end of the chain"),
        }
    }
}

/// Recomputes the chain of a tenant, or of every one. Records may be appended meanwhile; those are
/// left for the next time.
pub async fn verify(store: &dyn Store, tenant: Option<&str>) -> Result<Vec<Verdict>, StoreError> {
    let tenants = match tenant {
        Some(tenant) => vec![tenant.to_owned()],
        None => tenants(store).await?,
    };
    let mut verdicts = Vec::with_capacity(tenants.len());
    for tenant in tenants {
        verdicts.push(chain(store, tenant).await?);
    }
    Ok(verdicts)
}

async fn chain(store: &dyn Store, tenant: String) -> Result<Verdict, StoreError> {
    let end = head(store, &tenant).await?;
    let mut verified = Head::start();
    let broken = walk(store, &tenant, &end, &mut verified).await?;
    let records = broken.as_ref().map_or(verified.seq, |it| verified.seq.min(it.seq - 1));
    Ok(Verdict { tenant, records, hash: verified.hash, broken })
}

/// Goes along the chain up to the end that it had at the start. Leaves in `verified` how far it came.
async fn walk(
    store: &dyn Store,
    tenant: &str,
    end: &Head,
    verified: &mut Head,
) -> Result<Option<Break>, StoreError> {
    let broken = |seq, fault| Ok(Some(Break { seq, fault }));
    while verified.seq < end.seq {
        let page = stored(store, tenant, verified.seq, PAGE).await?;
        if page.is_empty() {
            return broken(verified.seq + 1, Fault::Cut);
        }
        for record in page.iter().take_while(|record| record.seq <= end.seq) {
            if let Err(broken) = follows(verified, record, tenant) {
                return Ok(Some(broken));
            }
            *verified = Head { seq: record.seq, hash: record.hash.clone() };
        }
        // Nothing of the page is within the chain.
        if page[0].seq > end.seq {
            return broken(verified.seq + 1, Fault::Cut);
        }
    }
    if verified.hash != end.hash {
        return broken(end.seq, Fault::Changed);
    }
    // Whatever is behind the end now was appended since, if the end has moved as well.
    let Some(next) = stored(store, tenant, end.seq, 1).await?.pop() else { return Ok(None) };
    let is_new = head(store, tenant).await?.seq >= next.seq;
    Ok((!is_new).then_some(Break { seq: next.seq, fault: Fault::Added }))
}

/// What of a record places it.
#[derive(Deserialize)]
struct Place {
    tenant: String,
    seq: u64,
    prev: String,
}

/// Whether a record is the one after those that are verified.
fn follows(verified: &Head, stored: &Stored, tenant: &str) -> Result<(), Break> {
    let seq = verified.seq + 1;
    if stored.seq != seq {
        return Err(Break { seq, fault: Fault::Missing });
    }
    if hash(&stored.record) != stored.hash {
        return Err(Break { seq, fault: Fault::Changed });
    }
    let Ok(place) = serde_json::from_str::<Place>(&stored.record) else {
        return Err(Break { seq, fault: Fault::Changed });
    };
    if place.seq != seq || place.tenant != tenant {
        return Err(Break { seq, fault: Fault::Moved });
    }
    if place.prev != verified.hash {
        // One of the two was written anew with its hash. The one before is the first in doubt.
        return Err(Break { seq: verified.seq.max(1), fault: Fault::Changed });
    }
    Ok(())
}

/// Where the chain of a tenant ends, as the store says.
async fn head(store: &dyn Store, tenant: &str) -> Result<Head, StoreError> {
    let statement = Statement::new("SELECT seq, hash FROM audit_head WHERE tenant = $1");
    let rows = store.query(statement.bind(tenant)).await?;
    let Some(row) = rows.first() else { return Ok(Head::start()) };
    Ok(Head { seq: row.count("seq")?, hash: row.text("hash")?.to_owned() })
}
