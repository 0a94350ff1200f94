"""From figures to what a page, an export and the API show."""
