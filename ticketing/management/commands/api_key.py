"""`manage.py api_key NAME`: makes a key for another system and prints it once; optionally with a webhook."""

from __future__ import annotations

import secrets
from argparse import ArgumentParser
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from directory.models import Region
from ticketing.api.keys import SCOPES, make
from ticketing.intake.report import SOURCE
from ticketing.models import Webhook
from ticketing.privacy.crypto import seal
from ticketing.terms import Channel


class Command(BaseCommand):
    help = "Make an API key; its text is printed once and not stored."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--scopes", default="create,read", help=f"comma-separated of {', '.join(SCOPES)}")
        parser.add_argument("--region", default=settings.CITY_REGION, help="GB/T 2260 code of the city")
        parser.add_argument("--channel", default=Channel.PEER, choices=Channel.values)
        parser.add_argument(
            "--source",
            default="",
            help="whose external numbers come with it; name the old key's to replace a key (default: its own)",
        )
        parser.add_argument("--per-minute", type=int, default=600)
        parser.add_argument("--webhook", metavar="URL", help="post events there, signed with a secret that is printed")

    def handle(self, *args: object, **options: object) -> None:
        scopes = [scope.strip() for scope in str(options["scopes"]).split(",") if scope.strip()]
        wrong = [scope for scope in scopes if scope not in SCOPES]
        if wrong or not scopes:
            raise CommandError(f"scopes {', '.join(wrong) or 'missing'}: accepted are {', '.join(SCOPES)}")
        region = str(options["region"])
        if not Region.objects.filter(pk=region).exists():
            raise CommandError(f"region {region} is not in the directory")
        if options["webhook"]:
            self._check(str(options["webhook"]))
        source = str(options["source"])
        if source and not SOURCE.fullmatch(source):
            raise CommandError(f"source {source!r}: letters, digits, - and _ are accepted, at most 40")
        per_minute = int(str(options["per_minute"]))
        if per_minute < 1:
            raise CommandError(f"per-minute {per_minute}: a whole number from 1 is accepted")
        key, text = make(str(options["name"]), region, scopes, str(options["channel"]), per_minute, source)
        self.stdout.write(f"key: {text}")
        self.stdout.write(f"source: {key.source}")
        if options["webhook"]:
            secret = secrets.token_urlsafe(32)
            Webhook.objects.create(api_key=key, url=str(options["webhook"]), secret_box=seal(secret))
            self.stdout.write(f"webhook secret: {secret}")

    @staticmethod
    def _check(url: str) -> None:
        """An address inside a closed network may have a name without a dot."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise CommandError(f"webhook {url}: an address that begins with http:// or https:// is accepted")
