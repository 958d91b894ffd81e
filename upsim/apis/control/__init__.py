"""The control API under `/_upsim/`: for whoever runs the server, no part of the emulated service."""
