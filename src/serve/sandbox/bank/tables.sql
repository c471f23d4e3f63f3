CREATE TABLE bank_account (
    tenant TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    owner TEXT NOT NULL,
    currency TEXT NOT NULL,
    balance_cents BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    closed_at BIGINT,
    PRIMARY KEY (tenant, id)
);
CREATE TABLE bank_entry (
    tenant TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    kind TEXT NOT NULL,
    amount_cents BIGINT NOT NULL,
    memo TEXT NOT NULL,
    payment_reference TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX bank_entry_created_at ON bank_entry (tenant, created_at, id);
CREATE TABLE bank_export (
    tenant TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    requested_at BIGINT NOT NULL,
    ready_at BIGINT NOT NULL,
    cancelled_at BIGINT,
    PRIMARY KEY (tenant, id)
);
