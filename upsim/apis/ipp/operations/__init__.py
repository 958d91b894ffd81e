"""What each IPP operation does, a file an operation. Their code points are in `upsim.wire.ipp.operations`."""
