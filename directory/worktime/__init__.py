"""Working time: calendars of working days, legal limits on them, and where both are kept.

`calendar`, `schedule`, `limits`, `clock` and `text` are pure functions and values; `source`, `loading` and `admin`
read and write the database. docs/worktime.md states each rule and its source.
"""
