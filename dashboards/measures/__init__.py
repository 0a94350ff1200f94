"""Measures: each is one definition, from which page, wallboard, API, export and documentation are made."""
