"""Asterisk's own configuration, generated from a typed description of the site. See docs/telephony.md."""
