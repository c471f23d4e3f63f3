//! Reading customers from the store. Every statement names the tenant first.

use super::super::super::runtime::store::{Row, Statement, Store, StoreError, Transaction};
use super::model::{Kind, Record, Status, folded};

/// The most words that a query may have.
pub const MAX_WORDS: usize = 6;

/// What a search looks for. An empty text stands for "whatever".
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Patterns that the searched text has to be like, at most [`MAX_WORDS`].
    pub patterns: Vec<String>,
    /// The owner.
    pub owner: Option<String>,
    /// The status.
    pub status: Option<Status>,
    /// Changed at this time or later, in milliseconds since 1970.
    pub updated_from: Option<i64>,
}

impl Filter {
    /// The patterns for the words of a query, in any order and each within any word; the number of
    /// words where there are more than [`MAX_WORDS`].
    ///
    /// # Errors
    ///
    /// Where there are more words.
    pub fn patterns(query: &str) -> Result<Vec<String>, usize> {
        let mut words: Vec<String> = Vec::new();
        for word in query.split_whitespace().flat_map(plain_words) {
            // What is part of another word is found with it.
            if !words.iter().any(|known| known.contains(&word)) {
                words.retain(|known| !word.contains(known.as_str()));
                words.push(word);
            }
        }
        if words.len() > MAX_WORDS {
            return Err(words.len());
        }
        let escaped =
            |word: &String| word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        Ok(words.iter().map(|word| format!("%{}%", escaped(word))).collect())
    }
}

fn plain_words(word: &str) -> Vec<String> {
    match folded(word) {
        // Nothing is left of an emoji, which is looked for as it is.
        plain if plain.is_empty() => vec![word.to_lowercase()],
        plain => plain.split(' ').map(str::to_owned).collect(),
    }
}

const CUSTOMERS: &str = "\
    SELECT tenant, id, display_name, sort_key, company, town, status, owner, email, phone, tax_id, \
           credit_limit_cents, sensitivity, version, created_at, updated_at, archived_at, \
           merged_into \
    FROM customer \
    WHERE tenant = $1 AND sensitivity <= $2 AND archived_at IS NULL \
      AND (sort_key > $3 OR (sort_key = $3 AND id > $4)) \
      AND ($5 = '' OR owner = $5) AND ($6 = '' OR status = $6) AND updated_at >= $7 \
      AND search_text LIKE $8 ESCAPE '\\' AND search_text LIKE $9 ESCAPE '\\' \
      AND search_text LIKE $10 ESCAPE '\\' AND search_text LIKE $11 ESCAPE '\\' \
      AND search_text LIKE $12 ESCAPE '\\' AND search_text LIKE $13 ESCAPE '\\' \
    ORDER BY sort_key, id LIMIT $14";

/// The customers of a tenant that match, up to a clearance, in the order of their names, after a place
/// in that order. Above the clearance no policy can show anything, so that it is not read at all.
///
/// # Errors
///
/// Where the store does not answer.
pub async fn customers(
    store: &dyn Store,
    (tenant, clearance): (&str, i64),
    filter: &Filter,
    after: (&str, &str),
    limit: usize,
) -> Result<Vec<Record>, StoreError> {
    let mut statement = Statement::new(CUSTOMERS)
        .bind(tenant)
        .bind(clearance)
        .bind(after.0)
        .bind(after.1)
        .bind(filter.owner.as_deref().unwrap_or_default())
        .bind(filter.status.map_or("", Status::name))
        .bind(filter.updated_from.unwrap_or(i64::MIN));
    for index in 0..MAX_WORDS {
        statement = statement.bind(filter.patterns.get(index).map_or("%", String::as_str));
    }
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    store.query(statement.bind(limit)).await?.iter().map(record).collect()
}

const CUSTOMER: &str = "\
    SELECT tenant, id, display_name, sort_key, company, town, status, owner, email, phone, tax_id, \
           credit_limit_cents, sensitivity, version, created_at, updated_at, archived_at, \
           merged_into \
    FROM customer WHERE tenant = $1 AND id = $2";

/// One customer of a tenant.
///
/// # Errors
///
/// Where the store does not answer.
pub async fn customer(
    store: &dyn Store,
    tenant: &str,
    id: &str,
) -> Result<Option<Record>, StoreError> {
    let rows = store.query(Statement::new(CUSTOMER).bind(tenant).bind(id)).await?;
    rows.first().map(record).transpose()
}

/// The same within a transaction.
///
/// # Errors
///
/// Where the store does not answer.
pub async fn customer_in(
    transaction: &mut dyn Transaction,
    tenant: &str,
    id: &str,
) -> Result<Option<Record>, StoreError> {
    let rows = transaction.query(Statement::new(CUSTOMER).bind(tenant).bind(id)).await?;
    rows.first().map(record).transpose()
}

fn record(row: &Row) -> Result<Record, StoreError> {
    let status = row.text("status")?;
    Ok(Record {
        tenant: row.text("tenant")?.to_owned(),
        id: row.text("id")?.to_owned(),
        display_name: row.text("display_name")?.to_owned(),
        sort_key: row.text("sort_key")?.to_owned(),
        company: row.optional_text("company")?.map(str::to_owned),
        town: row.text("town")?.to_owned(),
        status: Status::named(status)
            .ok_or_else(|| StoreError::Corrupt(format!("no status is called `{status}`")))?,
        owner: row.text("owner")?.to_owned(),
        email: row.text("email")?.to_owned(),
        phone: row.text("phone")?.to_owned(),
        tax_id: row.optional_text("tax_id")?.map(str::to_owned),
        credit_limit_cents: row.integer("credit_limit_cents")?,
        sensitivity: row.integer("sensitivity")?,
        version: row.integer("version")?,
        created_at: row.integer("created_at")?,
        updated_at: row.integer("updated_at")?,
        archived_at: row.optional_integer("archived_at")?,
        merged_into: row.optional_text("merged_into")?.map(str::to_owned),
    })
}

/// Something that has happened with a customer, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns of the table, explained there")]
pub struct Happened {
    pub id: String,
    pub kind: Kind,
    pub happened_at: i64,
    pub author: String,
    pub summary: String,
    pub version: Option<i64>,
    pub fields: Option<String>,
}

const ACTIVITIES: &str = "\
    SELECT id, kind, happened_at, author, summary, version, fields \
    FROM activity \
    WHERE tenant = $1 AND customer_id = $2 \
      AND (happened_at < $3 OR (happened_at = $3 AND id > $4)) AND happened_at >= $5 \
      AND (kind = $6 OR kind = $7 OR kind = $8 OR kind = $9) \
    ORDER BY happened_at DESC, id LIMIT $10";

/// What has happened with a customer, the latest first, after a place in that order.
///
/// # Errors
///
/// Where the store does not answer.
pub async fn activities(
    store: &dyn Store,
    tenant: &str,
    customer: &str,
    kinds: &[Kind],
    since: i64,
    after: (i64, &str),
    limit: i64,
) -> Result<Vec<Happened>, StoreError> {
    let mut statement = Statement::new(ACTIVITIES)
        .bind(tenant)
        .bind(customer)
        .bind(after.0)
        .bind(after.1)
        .bind(since);
    for kind in Kind::ALL {
        statement = statement.bind(if kinds.contains(&kind) { kind.name() } else { "" });
    }
    let rows = store.query(statement.bind(limit)).await?;
    rows.iter()
        .map(|row| {
            let kind = row.text("kind")?;
            Ok(Happened {
                id: row.text("id")?.to_owned(),
                kind: Kind::named(kind)
                    .ok_or_else(|| StoreError::Corrupt(format!("no activity is a `{kind}`")))?,
                happened_at: row.integer("happened_at")?,
                author: row.text("author")?.to_owned(),
                summary: row.text("summary")?.to_owned(),
                version: row.optional_integer("version")?,
                fields: row.optional_text("fields")?.map(str::to_owned),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Filter;

    #[test]
    fn words_become_patterns_that_mean_nothing_else() {
        let patterns = |query| Filter::patterns(query).unwrap();
        assert_eq!(patterns("  O'Brien 50%_\\ "), ["%o%", "%brien%", "%50%"]);
        assert_eq!(patterns("🦊"), ["%🦊%"]);
        assert_eq!(patterns("%"), ["%\\%%"]);
        assert_eq!(patterns("a b c d e f").len(), 6);
    }

    #[test]
    fn no_word_is_left_out_but_one_that_is_found_with_another() {
        assert_eq!(Filter::patterns("a b c d e f g"), Err(7));
        let patterns = Filter::patterns("ada Ad ADA Zoe ada ada ada ada o").unwrap();
        assert_eq!(patterns, ["%ada%", "%zoe%"]);
        assert_eq!(Filter::patterns("o'neill neill").unwrap(), ["%o%", "%neill%"]);
    }
}
