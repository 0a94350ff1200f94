"""The manager link to one Asterisk: the package asterisk-ami behind a door that its weaknesses cannot pass."""

from telephony.ami.link import Address, Down, Link, Up
from telephony.ami.messages import ActionRefused, ActionTimeout, BadField, LinkDown, Message

__all__ = ["ActionRefused", "ActionTimeout", "Address", "BadField", "Down", "Link", "LinkDown", "Message", "Up"]
