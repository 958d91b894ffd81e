"""The handlers of the IPP operations, a file for each. Their code points are in `upsim.wire.ipp.operations`."""
