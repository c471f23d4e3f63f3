//! Sample data: two tenants with 500 customers each, the same on every machine.
//!
//! Everything is made from a fixed seed. Addresses are of reserved domains (RFC 2606, RFC 6761),
//! telephone numbers of the range 555-0100 to 555-0199, so that nothing here reaches anybody. Some
//! customers stand there twice, as they do everywhere.

mod random;
mod words;

use super::{
    super::super::runtime::store::{Statement, Store, StoreError, Transaction},
    model::{Kind, Status, search_text, sort_key},
};
use random::Random;
use words::{AWKWARD, CALL, CHANGED, COMPANY, FAMILY, GIVEN, MEETING, NOTE, TOWN, TRADE};

/// The tenants and the people who look after their customers.
pub const TENANTS: [(&str, [&str; 3]); 2] =
    [("acme", ["alice", "bob", "carol"]), ("globex", ["dave", "frank", "grace"])];

/// Customers of a tenant.
pub const CUSTOMERS: usize = 500;

/// 2026-06-30T12:00:00Z: nothing in the data is later.
const NOW: i64 = 1_782_820_800_000;
const DAY: i64 = 24 * 60 * 60 * 1_000;
/// One customer in so many is there a second time, under a name that differs a little.
const DUPLICATE_EVERY: usize = 40;
/// One customer in so many has a name of the awkward ones.
const AWKWARD_EVERY: usize = 25;
const MAX_ACTIVITIES: usize = 8;

/// A customer of the sample data.
#[derive(Debug, Clone)]
struct Sample {
    id: String,
    display_name: String,
    company: Option<String>,
    town: &'static str,
    status: Status,
    owner: &'static str,
    email: String,
    phone: String,
    tax_id: Option<String>,
    credit_limit_cents: i64,
    sensitivity: i64,
    version: i64,
    created_at: i64,
    updated_at: i64,
}

/// Puts the sample data into a store without customers, unless it is there already. Of several
/// processes that begin at once, one does it. Returns whether the store has the sample data: one that
/// has other customers is left as it is.
///
/// # Errors
///
/// Where the store does not answer.
pub async fn load(store: &dyn Store) -> Result<bool, StoreError> {
    let mut transaction = store.begin().await?;
    // The row is the claim: whoever comes second waits here for the first, and then finds it.
    let claim = Statement::new("INSERT INTO demo_data (id) VALUES (1) ON CONFLICT DO NOTHING");
    if transaction.execute(claim).await? == 0 {
        transaction.rollback().await?;
        return Ok(true);
    }
    let others = Statement::new("SELECT id FROM customer LIMIT 1");
    if !transaction.query(others).await?.is_empty() {
        transaction.rollback().await?;
        return Ok(false);
    }
    fill(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(true)
}

/// Puts the sample data in the place of whatever has become of it. Returns whether it did: a store
/// without sample data has something else in it, and is left as it is.
///
/// # Errors
///
/// Where the store does not answer.
pub async fn restore(transaction: &mut dyn Transaction) -> Result<bool, StoreError> {
    // Locks the row, so that of two one waits for the other.
    let claim = Statement::new("UPDATE demo_data SET id = id");
    if transaction.execute(claim).await? == 0 {
        return Ok(false);
    }
    for sql in ["DELETE FROM activity", "DELETE FROM customer"] {
        transaction.execute(Statement::new(sql)).await?;
    }
    fill(transaction).await?;
    Ok(true)
}

/// Writes all of it.
async fn fill(transaction: &mut dyn Transaction) -> Result<(), StoreError> {
    for (index, (tenant, owners)) in TENANTS.into_iter().enumerate() {
        let mut random = Random::new(0x6d63_702d_6b69_7400 + index as u64);
        let customers = customers(&mut random, owners);
        for customer in &customers {
            insert(transaction, tenant, customer).await?;
            for activity in 0..random.below(MAX_ACTIVITIES) {
                let statement = happened(&mut random, tenant, customer, owners, activity);
                transaction.execute(statement).await?;
            }
        }
    }
    Ok(())
}

/// Whether a store has the sample data, and with it what the sample users did.
///
/// # Errors
///
/// Where the store does not answer.
pub async fn is_loaded(store: &dyn Store) -> Result<bool, StoreError> {
    Ok(!store.query(Statement::new("SELECT id FROM demo_data")).await?.is_empty())
}

fn customers(random: &mut Random, owners: [&'static str; 3]) -> Vec<Sample> {
    let mut customers: Vec<Sample> = Vec::with_capacity(CUSTOMERS);
    for index in 0..CUSTOMERS {
        let twin = customers.get(index.wrapping_sub(DUPLICATE_EVERY / 2));
        // An awkward name has its place also where a duplicate would stand.
        let is_duplicate = index % DUPLICATE_EVERY == DUPLICATE_EVERY - 1 && !is_awkward(index);
        let customer = match twin.filter(|_| is_duplicate) {
            Some(twin) => duplicate(random, twin.clone()),
            None => customer(random, owners, index),
        };
        customers.push(customer);
    }
    customers
}

fn is_awkward(index: usize) -> bool {
    index % AWKWARD_EVERY == AWKWARD_EVERY - 1
}

fn customer(random: &mut Random, owners: [&'static str; 3], index: usize) -> Sample {
    let (given, family) = (random.pick(&GIVEN), random.pick(&FAMILY));
    let company =
        (random.below(3) > 0).then(|| format!("{} {}", random.pick(&COMPANY), random.pick(&TRADE)));
    let display_name = if is_awkward(index) {
        AWKWARD[index / AWKWARD_EVERY % AWKWARD.len()].to_owned()
    } else {
        format!("{given} {family}")
    };
    let created_at = NOW - DAY * (30 + random.below(1_500) as i64);
    let age = ((NOW - created_at) / DAY) as usize;
    Sample {
        id: random.id(),
        display_name,
        town: random.pick(&TOWN),
        // Most customers buy.
        status: random.pick(&[
            Status::Lead,
            Status::Active,
            Status::Active,
            Status::Active,
            Status::Dormant,
            Status::Closed,
        ]),
        owner: random.pick(&owners),
        email: format!("customer{index}@example.{}", random.pick(&["com", "org", "net"])),
        phone: format!("555-01{:02}", random.below(100)),
        tax_id: company.as_ref().map(|_| format!("XX{:09}", random.below(1_000_000_000))),
        company,
        credit_limit_cents: random.pick(&[0, 50_000, 250_000, 1_000_000, 5_000_000]),
        // One in twenty is for the highest clearance alone.
        sensitivity: match random.below(20) {
            0 => 3,
            1..=3 => 2,
            4..=8 => 1,
            _ => 0,
        },
        version: 1 + random.below(9) as i64,
        created_at,
        updated_at: created_at + DAY * random.below(age) as i64,
    }
}

/// The same customer once more, as it happens when somebody does not search first.
fn duplicate(random: &mut Random, twin: Sample) -> Sample {
    let display_name = match random.below(3) {
        0 => twin.display_name.to_uppercase(),
        1 => format!("{} ", twin.display_name),
        _ => twin.display_name.replace(' ', "  "),
    };
    Sample {
        id: random.id(),
        display_name,
        version: 1,
        email: twin.email.replacen('@', "+new@", 1),
        ..twin
    }
}

const CUSTOMER: &str = "\
    INSERT INTO customer (tenant, id, display_name, sort_key, search_text, company, town, status, \
        owner, email, phone, tax_id, credit_limit_cents, sensitivity, version, created_at, \
        updated_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";

async fn insert(
    transaction: &mut dyn Transaction,
    tenant: &str,
    customer: &Sample,
) -> Result<(), StoreError> {
    let company = customer.company.as_deref();
    let searched = [customer.display_name.as_str(), company.unwrap_or_default(), customer.town];
    let statement = Statement::new(CUSTOMER)
        .bind(tenant)
        .bind(customer.id.as_str())
        .bind(customer.display_name.as_str())
        .bind(sort_key(&customer.display_name))
        .bind(search_text(&searched))
        .bind(company)
        .bind(customer.town)
        .bind(customer.status.name())
        .bind(customer.owner)
        .bind(customer.email.as_str())
        .bind(customer.phone.as_str())
        .bind(customer.tax_id.as_deref())
        .bind(customer.credit_limit_cents)
        .bind(customer.sensitivity)
        .bind(customer.version)
        .bind(customer.created_at)
        .bind(customer.updated_at);
    transaction.execute(statement).await.map(drop)
}

const ACTIVITY: &str = "\
    INSERT INTO activity (tenant, id, customer_id, kind, happened_at, author, summary, version, \
        fields) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

fn happened(
    random: &mut Random,
    tenant: &str,
    customer: &Sample,
    owners: [&'static str; 3],
    index: usize,
) -> Statement {
    let kind = random.pick(&Kind::ALL);
    let (fields, summary) = match kind {
        Kind::Note => (None, random.pick(&NOTE)),
        Kind::Meeting => (None, random.pick(&MEETING)),
        Kind::Call => (None, random.pick(&CALL)),
        Kind::Change => {
            let (fields, summary) = random.pick(&CHANGED);
            (Some(fields), summary)
        }
    };
    let span = ((NOW - customer.created_at) / DAY) as usize;
    let happened_at = customer.created_at + DAY * random.below(span) as i64 + index as i64;
    let version = fields.map(|_| 1 + random.below(customer.version as usize) as i64);
    Statement::new(ACTIVITY)
        .bind(tenant)
        .bind(random.id())
        .bind(customer.id.as_str())
        .bind(kind.name())
        .bind(happened_at)
        .bind(random.pick(&owners))
        .bind(summary)
        .bind(version)
        .bind(fields)
}

#[cfg(test)]
mod tests {
    use super::{AWKWARD, CUSTOMERS, Random, TENANTS, customers};

    #[test]
    fn every_awkward_name_is_there() {
        for (_, owners) in TENANTS {
            let customers = customers(&mut Random::new(7), owners);
            assert_eq!(customers.len(), CUSTOMERS);
            for name in AWKWARD {
                assert!(customers.iter().any(|customer| customer.display_name == name), "{name}");
            }
        }
    }
}
