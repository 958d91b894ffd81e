"""Reading the journal: what clients did, counted, waited for, checked, exported. Secrets are not shown."""
