-- Schema 3. The whole state can be taken back to any change: counters are versioned as rows are, and what a tenant
-- is (its clock, settings and faults) is written into its own history too. The counter with an empty name holds by how
-- much the tenant's change number is ahead of the number that ids are derived from: a rewind takes that one back.

CREATE TABLE counter_version (
    tenant TEXT NOT NULL,
    name   TEXT NOT NULL,
    since  BIGINT NOT NULL,
    value  BIGINT NOT NULL,
    PRIMARY KEY (tenant, name, since)
);
INSERT INTO counter_version (tenant, name, since, value) SELECT tenant, name, 0, value FROM counter;
DROP TABLE counter;
ALTER TABLE counter_version RENAME TO counter;

INSERT INTO entity (tenant, kind, id, since, key, at, body)
SELECT found.id, 'tenant', found.id, COALESCE((SELECT number FROM change WHERE change.tenant = found.id), 0),
       found.key, found.at, found.body
FROM entity AS found WHERE found.tenant = '' AND found.kind = 'tenant' AND found.until IS NULL;
