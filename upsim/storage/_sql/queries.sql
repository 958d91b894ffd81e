-- Named statements. Parameters are named; an engine replaces only the placeholder style. `tenant` is a GUID, `place` the
-- number that rows of `entity` carry instead; the system's are '' and 0.
-- All indexes are partial, live versions apart from ended ones. So what looks at both says so in two parts: a
-- condition on neither would read the rows of every tenant.

-- name: get
-- The live version of one entity.
SELECT body FROM entity WHERE place = :place AND kind = :kind AND id = :id AND until IS NULL

-- name: get_as_of
-- The version of one entity that was live after a change.
SELECT body FROM entity WHERE place = :place AND kind = :kind AND id = :id
AND since <= :as_of AND until IS NULL
UNION ALL
SELECT body FROM entity WHERE place = :place AND kind = :kind AND id = :id
AND since <= :as_of AND until IS NOT NULL AND until > :as_of

-- name: close
-- End the live version of one entity at a change.
UPDATE entity SET until = :number WHERE place = :place AND kind = :kind AND id = :id AND until IS NULL

-- name: open
-- A new live version.
INSERT INTO entity (place, kind, id, since, parent, owner, key, tag, at, due, body)
VALUES (:place, :kind, :id, :number, :parent, :owner, :key, :tag, :at, :due, :body)

-- name: tenant_record
-- A tenant and the number that its rows carry.
SELECT body, number FROM entity JOIN place ON place.tenant = entity.id
WHERE place = 0 AND kind = 'tenant' AND id = :tenant AND until IS NULL

-- name: place_of
SELECT number FROM place WHERE tenant = :tenant

-- name: set_place
INSERT INTO place (tenant, number) VALUES (:tenant, :place)

-- name: forget_place
DELETE FROM place WHERE tenant = :tenant

-- name: change_number
-- How many changes the tenant has seen, and how far the number that ids are derived from is behind.
SELECT number, COALESCE((
    SELECT value FROM counter WHERE tenant = :tenant AND name = '' ORDER BY since DESC LIMIT 1
), 0) FROM change WHERE tenant = :tenant

-- name: set_change_number
INSERT INTO change (tenant, number) VALUES (:tenant, :number)
ON CONFLICT (tenant) DO UPDATE SET number = excluded.number

-- name: next_number
-- Take the next value of a counter.
INSERT INTO counter (tenant, name, since, value) VALUES (:tenant, :name, :number, 1 + COALESCE((
    SELECT value FROM counter WHERE tenant = :tenant AND name = :name ORDER BY since DESC LIMIT 1
), 0))
ON CONFLICT (tenant, name, since) DO UPDATE SET value = excluded.value
RETURNING value

-- name: set_counter
INSERT INTO counter (tenant, name, since, value) VALUES (:tenant, :name, :number, :value)
ON CONFLICT (tenant, name, since) DO UPDATE SET value = excluded.value

-- name: counters_as_of
-- Every counter as it stood after a change.
SELECT name, value FROM counter AS found WHERE tenant = :tenant AND since = (
    SELECT max(since) FROM counter WHERE tenant = :tenant AND name = found.name AND since <= :as_of
)

-- name: rows_as_of
-- Everything that was there after a change.
SELECT kind, id, body, at FROM entity
WHERE place = :place AND since <= :as_of AND until IS NULL AND kind <> 'tenant'
UNION ALL
SELECT kind, id, body, at FROM entity
WHERE place = :place AND since <= :as_of AND until IS NOT NULL AND until > :as_of AND kind <> 'tenant'
ORDER BY kind, at, id

-- name: differences
-- What was there after one change and not, or otherwise, after a later one (side 0), and the reverse (side 1).
SELECT kind, id, body, 0 AS side FROM entity
WHERE place = :place AND until IS NOT NULL AND until > :earlier AND until <= :later AND since <= :earlier
UNION ALL
SELECT kind, id, body, 1 AS side FROM entity
WHERE place = :place AND since > :earlier AND since <= :later AND until IS NULL
UNION ALL
SELECT kind, id, body, 1 AS side FROM entity
WHERE place = :place AND since > :earlier AND since <= :later AND until IS NOT NULL AND until > :later

-- name: rewind_close
-- End what was made or changed since. The tenant itself is the system's to take back.
UPDATE entity SET until = :number
WHERE place = :place AND until IS NULL AND since > :as_of AND kind <> 'tenant'

-- name: rewind_open
-- A new live version of what was ended since.
INSERT INTO entity (place, kind, id, since, parent, owner, key, tag, at, due, body)
SELECT place, kind, id, :number, parent, owner, key, tag, at, due, body FROM entity
WHERE place = :place AND until IS NOT NULL AND until > :as_of AND since <= :as_of AND kind <> 'tenant'

-- name: copy_entities
-- The state of another tenant after a change, as one change of this one.
INSERT INTO entity (place, kind, id, since, parent, owner, key, tag, at, due, body)
SELECT :place, kind, id, :number, parent, owner, key, tag, at, due, body FROM entity
WHERE place = (SELECT number FROM place WHERE tenant = :origin)
AND since <= :as_of AND until IS NULL AND kind <> 'tenant'
UNION ALL
SELECT :place, kind, id, :number, parent, owner, key, tag, at, due, body FROM entity
WHERE place = (SELECT number FROM place WHERE tenant = :origin)
AND since <= :as_of AND until IS NOT NULL AND until > :as_of AND kind <> 'tenant'

-- name: emit
INSERT INTO event (tenant, number, ordinal, at, name, subject, facts)
VALUES (:tenant, :number, :ordinal, :at, :name, :subject, :facts)

-- name: expired
-- Entities of a kind that were due, oldest first.
SELECT body FROM entity
WHERE place = :place AND kind = :kind AND until IS NULL AND due IS NOT NULL AND due <= :now
ORDER BY due LIMIT :limit

-- name: tally
-- How many live entities of a kind there are, by tag.
SELECT COALESCE(tag, ''), count(*) FROM entity WHERE place = :place AND kind = :kind AND until IS NULL GROUP BY 1

-- name: overdue
-- How many live entities were due, by kind.
SELECT kind, count(*) FROM entity
WHERE place = :place AND until IS NULL AND due IS NOT NULL AND due <= :now GROUP BY kind

-- name: versions
-- Every version of a kind that is kept, live or not.
SELECT body FROM entity
WHERE place = (SELECT number FROM place WHERE tenant = :tenant) AND kind = :kind AND until IS NULL
UNION ALL
SELECT body FROM entity
WHERE place = (SELECT number FROM place WHERE tenant = :tenant) AND kind = :kind AND until IS NOT NULL

-- name: rows_horizon
-- The change at which the oldest of so many versions ended.
SELECT until FROM entity WHERE place = :place AND until IS NOT NULL
ORDER BY until DESC LIMIT 1 OFFSET :rows

-- name: prune_entities
-- Drop versions that ended before the horizon, but those that a snapshot shows. A snapshot's `at` is its change.
DELETE FROM entity WHERE place = :place AND until IS NOT NULL AND until <= :horizon AND NOT EXISTS (
    SELECT 1 FROM entity AS snapshot
    WHERE snapshot.place = 0 AND snapshot.kind = 'snapshot' AND snapshot.parent = :tenant
    AND snapshot.until IS NULL AND snapshot.at >= entity.since AND snapshot.at < entity.until
)

-- name: prune_counters
-- Drop values that were followed by others before the horizon, but those that a snapshot shows.
DELETE FROM counter WHERE tenant = :tenant AND since < (
    SELECT max(later.since) FROM counter AS later
    WHERE later.tenant = :tenant AND later.name = counter.name AND later.since <= :horizon
) AND NOT EXISTS (
    SELECT 1 FROM entity AS snapshot
    WHERE snapshot.place = 0 AND snapshot.kind = 'snapshot' AND snapshot.parent = :tenant
    AND snapshot.until IS NULL AND counter.since = (
        SELECT max(shown.since) FROM counter AS shown
        WHERE shown.tenant = :tenant AND shown.name = counter.name AND shown.since <= snapshot.at
    )
)

-- name: set_pruned
-- Remember from which change on the state can still be read.
UPDATE change SET pruned = :horizon WHERE tenant = :tenant AND pruned < :horizon

-- name: pruned
-- From which change on the state can be read, where this one is before it and no snapshot's.
SELECT pruned FROM change WHERE tenant = :tenant AND pruned > :as_of AND NOT EXISTS (
    SELECT 1 FROM entity WHERE place = 0 AND kind = 'snapshot' AND parent = :tenant
    AND until IS NULL AND at = :as_of
)

-- name: prune_events
DELETE FROM event WHERE tenant = :tenant AND number <= :horizon

-- name: wipe_live
-- Forget a tenant: what it has, its history, and the change numbers.
DELETE FROM entity WHERE place = :place AND until IS NULL

-- name: wipe_ended
DELETE FROM entity WHERE place = :place AND until IS NOT NULL

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
    WHERE place = :place AND kind = :kind AND until IS NULL AND due IS NOT NULL AND due <= :now
    AND (leased_until IS NULL OR leased_until <= :real_now)
    ORDER BY due LIMIT :limit /* skip locked */
)
UPDATE entity SET leased_until = :leased_until
WHERE place = :place AND kind = :kind AND until IS NULL AND id IN (SELECT id FROM taken)
RETURNING body

-- name: schema_version
SELECT value FROM meta WHERE name = 'schema'

-- name: set_schema_version
INSERT INTO meta (name, value) VALUES ('schema', :version)
ON CONFLICT (name) DO UPDATE SET value = excluded.value

-- name: change_numbers
-- Where every tenant stands.
SELECT tenant, number FROM change

-- name: keep_blob
INSERT INTO blob (key, octets) VALUES (:key, :octets)

-- name: blob
SELECT octets FROM blob WHERE key = :key

-- name: forget_blob
DELETE FROM blob WHERE key = :key

-- name: blobs_before
-- The keys of blobs that were written before a moment.
SELECT key FROM blob WHERE key < :bound
