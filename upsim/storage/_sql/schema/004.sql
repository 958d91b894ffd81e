-- Schema 4. What is asked for most does not grow with what is kept: the next thing of a kind that is due, among much
-- of other kinds that is due later, and a printer's jobs in one state, among all that it ever had.

DROP INDEX entity_due;
CREATE INDEX entity_due ON entity (tenant, kind, due, id) WHERE until IS NULL AND due IS NOT NULL;
CREATE INDEX entity_tag ON entity (tenant, kind, parent, tag, at, id)
    WHERE until IS NULL AND parent IS NOT NULL AND tag IS NOT NULL;
