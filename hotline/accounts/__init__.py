"""Log-in and log-out of staff, and where each role starts."""
