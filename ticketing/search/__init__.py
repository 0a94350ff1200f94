"""Finding tickets and knowledge: one interface, an embedded engine and Elasticsearch behind it."""
