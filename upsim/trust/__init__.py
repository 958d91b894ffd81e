"""Getting clients to upsim and to trust it: files, variables, a redirected program, a check-up."""
