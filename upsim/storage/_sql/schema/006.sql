-- Schema 6. Small documents may be rows of the store: to write one with what else is committed costs less than a file.
-- Keys ascend with the time of writing. In PostgreSQL it is empty: its documents are where all its nodes see them.

CREATE TABLE blob (
    key    TEXT PRIMARY KEY,
    octets BLOB NOT NULL
);
