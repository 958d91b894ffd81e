"""What each row of the table does: read the wire, call one service, represent."""
