"""The desk: what staff see and do. Doors only; every change goes through the lifecycle's commands."""
