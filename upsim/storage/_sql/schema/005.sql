-- Schema 5. The rows of an entity name its tenant by a number, the tenant's place; that of the system is 0. Places are
-- given out in ascending order, so the newest tenant's rows come last in every index, and a fork adds all its rows to the
-- ends. GUIDs put them somewhere in the middle, which costs twice as much. No place is given out again.

CREATE TABLE place (
    tenant TEXT PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE
);
INSERT INTO place (tenant, number) VALUES ('', 0);
INSERT INTO place (tenant, number)
SELECT id, row_number() OVER (ORDER BY since, id) FROM entity WHERE tenant = '' AND kind = 'tenant' AND until IS NULL;
INSERT INTO counter (tenant, name, since, value) SELECT '', 'place', 0, max(number) FROM place;

CREATE TABLE entity_placed (
    place        BIGINT NOT NULL,
    kind         TEXT NOT NULL,
    id           TEXT NOT NULL,
    since        BIGINT NOT NULL,
    until        BIGINT,
    parent       TEXT,
    owner        TEXT,
    key          TEXT,
    tag          TEXT,
    at           BIGINT NOT NULL,
    due          BIGINT,
    leased_until BIGINT,
    body         BLOB NOT NULL
);
INSERT INTO entity_placed (place, kind, id, since, until, parent, owner, key, tag, at, due, leased_until, body)
SELECT place.number, kind, id, since, until, parent, owner, key, tag, at, due, leased_until, body
FROM entity JOIN place ON place.tenant = entity.tenant;
DROP TABLE entity;
ALTER TABLE entity_placed RENAME TO entity;

CREATE UNIQUE INDEX entity_live ON entity (place, kind, id) WHERE until IS NULL;
CREATE INDEX entity_order ON entity (place, kind, at, id) WHERE until IS NULL;
CREATE INDEX entity_parent ON entity (place, kind, parent, at, id) WHERE until IS NULL AND parent IS NOT NULL;
CREATE INDEX entity_owner ON entity (place, kind, owner, at, id) WHERE until IS NULL AND owner IS NOT NULL;
CREATE INDEX entity_key ON entity (place, kind, key) WHERE until IS NULL AND key IS NOT NULL;
CREATE INDEX entity_tag ON entity (place, kind, parent, tag, at, id)
    WHERE until IS NULL AND parent IS NOT NULL AND tag IS NOT NULL;
CREATE INDEX entity_due ON entity (place, kind, due, id) WHERE until IS NULL AND due IS NOT NULL;
CREATE INDEX entity_closed ON entity (place, until) WHERE until IS NOT NULL;
