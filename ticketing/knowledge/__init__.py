"""The knowledge base: entries, guides and policies, for agents while they talk and for citizens who help themselves."""
