"""Twilio, or any provider that speaks its webhooks: TwiML out, signed requests in, REST for what we start ourselves.

The caller waits in the provider's queue; when the seat's phone answers, both go to a conference of their own, so that
a third side can join, the caller can be held, and either may leave without dropping the other.
"""
