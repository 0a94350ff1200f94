"""A bare SIP account through pyVoIP (GPLv3, an optional extra): automatic call-backs in a process of their own.

Proven limits: up to about 25 calls a process, G.711 only, no sending of keys; one call at a time is what we use.
"""
