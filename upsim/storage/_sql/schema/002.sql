-- Schema 2. Due work is leased to one node at a time. The lease is in real time and not part of the state: it is
-- written into the live row, so claiming makes no version.

ALTER TABLE entity ADD COLUMN leased_until BIGINT;
