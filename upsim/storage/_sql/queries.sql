-- Named statements. Parameters are named; an engine replaces only the placeholder style.

-- name: get
-- The live version of one entity.
SELECT body FROM entity WHERE tenant = :tenant AND kind = :kind AND id = :id AND until IS NULL

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

-- name: prune_entities
-- Drop versions that ended before the horizon.
DELETE FROM entity WHERE tenant = :tenant AND until IS NOT NULL AND until <= :horizon

-- name: prune_events
DELETE FROM event WHERE tenant = :tenant AND number <= :horizon
