"""`python -m hotline.supervise.probe URL`: exit code 0 when the address answers 200. For container health checks."""

from __future__ import annotations

import os
import ssl
import sys
import urllib.error
import urllib.request
from urllib.parse import urlsplit


def answers(url: str, host: str = "") -> bool:
    """True when the address answers 200 to a request for `host`. The certificate is not checked: this machine's own."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    request = urllib.request.Request(url, headers={"Host": host} if host else {})
    try:
        with urllib.request.urlopen(request, timeout=3, context=context) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError, ValueError):
        return False


def public_host() -> str:
    """The host name that the installation answers to."""
    return urlsplit(os.environ.get("HOTLINE_PUBLIC_URL", "")).netloc


if __name__ == "__main__":
    sys.exit(0 if answers(sys.argv[1], public_host()) else 1)
