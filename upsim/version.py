"""The version of upsim, in one place."""

VERSION = "0.1.0"
