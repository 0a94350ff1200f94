"""HTTP workers of the production profile: pages and API, no sockets."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hotline.settings")

application = get_wsgi_application()

from hotline.checks import refuse_unsafe  # noqa: E402 - the apps must be loaded first

refuse_unsafe()
