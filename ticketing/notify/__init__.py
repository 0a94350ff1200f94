"""Messages to citizens and staff behind one small interface: SMS, e-mail, webhook, or the visible outbox page."""
