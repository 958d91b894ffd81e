"""Measurements: upsim beside a baseline on the same machine, as ratios. `make bench` runs all of them."""
