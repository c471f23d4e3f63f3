-- Times are milliseconds since 1970. Ids are random: a sequence would tell one tenant how much
-- happens at the others.
CREATE TABLE customer (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    display_name TEXT NOT NULL,
    -- The folded name, its bytes in hexadecimal: lists are ordered by it, and every collation of
    -- every engine orders these digits alike.
    sort_key TEXT NOT NULL,
    -- Name, company and town, folded and as they are, which is what is searched.
    search_text TEXT NOT NULL,
    company TEXT,
    town TEXT NOT NULL,
    status TEXT NOT NULL,
    owner TEXT NOT NULL,
    email TEXT NOT NULL,
    phone TEXT NOT NULL,
    tax_id TEXT,
    credit_limit_cents BIGINT NOT NULL,
    sensitivity BIGINT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX customer_by_name ON customer (tenant, sort_key, id);

CREATE TABLE activity (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    happened_at BIGINT NOT NULL,
    author TEXT NOT NULL,
    summary TEXT NOT NULL,
    -- Of a change: the version that it made, and the names of the fields, with spaces between them.
    version BIGINT,
    fields TEXT,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, customer_id) REFERENCES customer (tenant, id)
);

CREATE INDEX activity_by_time ON activity (tenant, customer_id, happened_at, id);

-- One row once the sample data is there.
CREATE TABLE demo_data (
    id BIGINT PRIMARY KEY
);
