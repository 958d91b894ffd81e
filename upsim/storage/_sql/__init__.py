"""The SQL that all engines share, and how rows become domain values. Dialect lives in each engine."""
