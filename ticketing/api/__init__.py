"""`/api/v1`: other systems create, read, list, act and follow events, each with a key of its own."""
