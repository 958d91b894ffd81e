"""Directing clients to upsim and having them trust it: files, variables, a redirected program, a diagnosis."""
