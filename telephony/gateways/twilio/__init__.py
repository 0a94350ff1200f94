"""Twilio, or any provider that speaks its webhooks: TwiML out, signed requests in, REST for what we start ourselves."""
