"""The handlers of the operations: each reads the request, calls one service and represents the result."""
