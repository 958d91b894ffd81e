-- Named statements. Parameters are named; an engine replaces only the placeholder style.

-- name: get
-- The live version of one entity.
SELECT body FROM entity WHERE tenant = :tenant AND kind = :kind AND id = :id AND until IS NULL

-- name: get_as_of
-- The version of one entity that was live after a change.
SELECT body FROM entity WHERE tenant = :tenant AND kind = :kind AND id = :id
AND since <= :as_of AND (until IS NULL OR until > :as_of)

-- name: close
-- End the live version of one entity at a change.
UPDATE entity SET until = :number WHERE tenant = :tenant AND kind = :kind AND id = :id AND until IS NULL

-- name: open
-- A new live version.
INSERT INTO entity (tenant, kind, id, since, parent, owner, key, tag, at, due, body)
VALUES (:tenant, :kind, :id, :number, :parent, :owner, :key, :tag, :at, :due, :body)

-- name: change_number
-- How many changes the tenant has seen.
SELECT number FROM change WHERE tenant = :tenant

-- name: set_change_number
INSERT INTO change (tenant, number) VALUES (:tenant, :number)
ON CONFLICT (tenant) DO UPDATE SET number = excluded.number

-- name: next_number
-- Take the next value of a counter.
INSERT INTO counter (tenant, name, value) VALUES (:tenant, :name, 1)
ON CONFLICT (tenant, name) DO UPDATE SET value = counter.value + 1
RETURNING value

-- name: emit
INSERT INTO event (tenant, number, ordinal, at, name, subject, facts)
VALUES (:tenant, :number, :ordinal, :at, :name, :subject, :facts)

-- name: expired
-- Entities of a kind that were due, oldest first.
SELECT body FROM entity
WHERE tenant = :tenant AND kind = :kind AND until IS NULL AND due IS NOT NULL AND due <= :now
ORDER BY due LIMIT :limit

-- name: tally
-- How many live entities of a kind there are, by tag.
SELECT COALESCE(tag, ''), count(*) FROM entity WHERE tenant = :tenant AND kind = :kind AND until IS NULL GROUP BY 1

-- name: overdue
-- How many live entities were due, by kind.
SELECT kind, count(*) FROM entity
WHERE tenant = :tenant AND until IS NULL AND due IS NOT NULL AND due <= :now GROUP BY kind

-- name: versions
-- Every version of a kind that is kept, live or not.
SELECT body FROM entity WHERE tenant = :tenant AND kind = :kind

-- name: prune_entities
-- Drop versions that ended before the horizon.
DELETE FROM entity WHERE tenant = :tenant AND until IS NOT NULL AND until <= :horizon

-- name: set_pruned
-- Remember from which change on the state can still be read.
UPDATE change SET pruned = :horizon WHERE tenant = :tenant AND pruned < :horizon

-- name: pruned
SELECT pruned FROM change WHERE tenant = :tenant

-- name: prune_events
DELETE FROM event WHERE tenant = :tenant AND number <= :horizon

-- name: wipe_entities
-- Forget a tenant: what it has, its history, and the change numbers.
DELETE FROM entity WHERE tenant = :tenant

-- name: wipe_events
DELETE FROM event WHERE tenant = :tenant

-- name: wipe_counters
DELETE FROM counter WHERE tenant = :tenant

-- name: wipe_changes
DELETE FROM change WHERE tenant = :tenant

-- name: claim
-- Lease entities of a kind that are due and that nobody holds. The first part passes over rows that another
-- caller is claiming now, where the engine has such callers (see `statements.SKIP_LOCKED`).
WITH taken AS MATERIALIZED (
    SELECT id FROM entity
    WHERE tenant = :tenant AND kind = :kind AND until IS NULL AND due IS NOT NULL AND due <= :now
    AND (leased_until IS NULL OR leased_until <= :real_now)
    ORDER BY due LIMIT :limit /* skip locked */
)
UPDATE entity SET leased_until = :leased_until
WHERE tenant = :tenant AND kind = :kind AND until IS NULL AND id IN (SELECT id FROM taken)
RETURNING body

-- name: schema_version
SELECT value FROM meta WHERE name = 'schema'

-- name: set_schema_version
INSERT INTO meta (name, value) VALUES ('schema', :version)
ON CONFLICT (name) DO UPDATE SET value = excluded.value

-- name: change_numbers
-- Where every tenant stands.
SELECT tenant, number FROM change
