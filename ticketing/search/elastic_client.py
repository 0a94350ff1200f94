"""Talking with Elasticsearch: the official client, and its errors as ours."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator

from elasticsearch import ApiError, Elasticsearch, NotFoundError, TransportError

from .documents import SearchUnavailable


def connect(url: str, *, api_key: str = "", timeout: float = 5.0) -> Elasticsearch:
    """A client for one or more servers (`http://a:9200,http://b:9200`). Nothing is sent yet."""
    logging.getLogger("elastic_transport").setLevel(logging.WARNING)  # a line per request is not worth keeping
    hosts = [part.strip() for part in url.split(",") if part.strip()]
    return Elasticsearch(hosts, api_key=api_key or None, request_timeout=timeout, retry_on_timeout=False, max_retries=1)


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """The client's errors as ours; the server's answer stays in the text."""
    try:
        yield
    except TransportError as error:
        raise SearchUnavailable(f"Elasticsearch does not answer ({type(error).__name__})") from error
    except NotFoundError as error:
        raise SearchUnavailable("the search index is missing; run rebuild_search") from error
    except ApiError as error:
        raise SearchUnavailable(f"Elasticsearch refused the request: {error.status_code} {error.error}") from error
