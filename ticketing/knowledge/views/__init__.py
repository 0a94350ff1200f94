"""The doors of the knowledge base: for everybody, for editors, for the console."""
