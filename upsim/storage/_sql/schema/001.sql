-- Schema 1. Rows are versioned: a change closes the live row (until = the change's number) and opens a new one,
-- so the state after any change can still be read. Numbers count the changes of one tenant.

CREATE TABLE IF NOT EXISTS meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS change (
    tenant TEXT PRIMARY KEY,
    number BIGINT NOT NULL,
    pruned BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE IF NOT EXISTS entity (
    tenant TEXT NOT NULL,
    kind   TEXT NOT NULL,
    id     TEXT NOT NULL,
    since  BIGINT NOT NULL,
    until  BIGINT,
    parent TEXT,
    owner  TEXT,
    key    TEXT,
    tag    TEXT,
    at     BIGINT NOT NULL,
    due    BIGINT,
    body   BLOB NOT NULL
);

CREATE UNIQUE INDEX IF NOT EXISTS entity_live ON entity (tenant, kind, id) WHERE until IS NULL;
CREATE INDEX IF NOT EXISTS entity_order ON entity (tenant, kind, at, id) WHERE until IS NULL;
CREATE INDEX IF NOT EXISTS entity_parent ON entity (tenant, kind, parent, at, id) WHERE until IS NULL AND parent IS NOT NULL;
CREATE INDEX IF NOT EXISTS entity_owner ON entity (tenant, kind, owner, at, id) WHERE until IS NULL AND owner IS NOT NULL;
CREATE INDEX IF NOT EXISTS entity_key ON entity (tenant, kind, key) WHERE until IS NULL AND key IS NOT NULL;
CREATE INDEX IF NOT EXISTS entity_due ON entity (tenant, due) WHERE until IS NULL AND due IS NOT NULL;
CREATE INDEX IF NOT EXISTS entity_closed ON entity (tenant, until) WHERE until IS NOT NULL;

CREATE TABLE IF NOT EXISTS event (
    tenant  TEXT NOT NULL,
    number  BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    name    TEXT NOT NULL,
    subject TEXT NOT NULL,
    facts   BLOB NOT NULL,
    PRIMARY KEY (tenant, number, ordinal)
);

CREATE TABLE IF NOT EXISTS counter (
    tenant TEXT NOT NULL,
    name   TEXT NOT NULL,
    value  BIGINT NOT NULL,
    PRIMARY KEY (tenant, name)
);
