"""What a city adds to the language functions without touching the product's files: words, keywords, urgency rules.

They stand in the database with a record of who changed what. Whoever puts a language function to work calls
`following.refresh()` first, so that every process is a few seconds behind a change at most, without a restart.
"""
