"""HTTP workers of the production profile: pages and API, no sockets."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from hotline.forked import end_when_told

end_when_told()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hotline.settings")

application = get_wsgi_application()

from django.db import connections  # noqa: E402 - the apps must be loaded first

from hotline.checks import refuse_unsafe  # noqa: E402
from ticketing import warming  # noqa: E402

refuse_unsafe()
warming.begin()
# a WSGI server's threads live on, and so may their connections: closing SQLite's last one writes the whole journal back
connections.databases["default"]["CONN_MAX_AGE"] = 60
