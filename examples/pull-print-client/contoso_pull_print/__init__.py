"""Pull printing with Universal Print: jobs wait until their owner is at a printer."""
