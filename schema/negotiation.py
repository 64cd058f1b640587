"""What the headers of a GraphQL request ask for: reply format, body format, language, origin. Pure functions.

Each is asked again with every request and has few different answers, so each keeps a small cache.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from hub.base.asgi import Headers

GRAPHQL_JSON = "application/graphql-response+json"
PLAIN_JSON = "application/json"
LANGUAGES = ("zh-CN", "en")
DEFAULT_LANGUAGE = "zh-CN"
QUALITY = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")
CACHED_HEADERS = 256


@functools.lru_cache(CACHED_HEADERS)
def reply_type(accept: bytes | None) -> str | None:
    """The media type to answer with, by quality; None when the client accepts neither of the two (406).

    A client that names `application/graphql-response+json` gets it, even beside an equal `application/json`;
    one that only sends a wildcard, or nothing, gets `application/json`, as GraphQL over HTTP asks for until
    its watershed. Other types, such as `text/event-stream`, never win and never spoil anything.
    """
    if accept is None or not accept.strip():
        return PLAIN_JSON
    ranges = dict(_weighted(accept))
    offers = [
        (quality, named, prefer, media)
        for media, preferences in ((GRAPHQL_JSON, (0, 1)), (PLAIN_JSON, (1, 0)))
        for quality, named in [_quality_of(media, ranges)]
        for prefer in [preferences[named]]
    ]
    quality, _, _, media = max(offers)
    return media if quality > 0 else None


def _quality_of(media: str, ranges: dict[str, float]) -> tuple[float, bool]:
    """The quality of `media` by its most specific range (RFC 9110 §12.5.1), and whether it was named itself."""
    if media in ranges:
        return ranges[media], True
    return ranges.get("application/*", ranges.get("*/*", 0.0)), False


@functools.lru_cache(CACHED_HEADERS)
def preferred_language(accept_language: bytes | None) -> str | None:
    """The best of LANGUAGES the client asks for; None when it asks for neither, or for anything (`*`)."""
    if accept_language is None:
        return None
    best: tuple[float, str] | None = None
    for tag, quality in _weighted(accept_language):
        language = {"zh": "zh-CN", "en": "en"}.get(tag.partition("-")[0])
        # Among equals the first one counts: browsers list languages in order of preference.
        if language and quality > 0 and (best is None or quality > best[0]):
            best = (quality, language)
    return best and best[1]


def _weighted(header: bytes) -> Iterator[tuple[str, float]]:
    """The items of an Accept-like header, lower-case, with their quality. Malformed items are passed over."""
    for item in header.decode("latin-1").lower().split(","):
        name, *parameters = (part.strip() for part in item.split(";"))
        weights = [part[2:].strip() for part in parameters if part.startswith("q=")]
        if not name or len(weights) > 1 or not all(QUALITY.fullmatch(weight) for weight in weights):
            continue
        yield name, float(weights[0]) if weights else 1.0


@functools.lru_cache(CACHED_HEADERS)
def is_json_utf8(content_type: bytes | None) -> bool:
    """Whether a body is declared as JSON in UTF-8, which JSON is when no charset is named."""
    if content_type is None:
        return False
    media, *parameters = (part.strip() for part in content_type.decode("latin-1").lower().split(";"))
    charsets = [part[8:].strip('"') for part in parameters if part.startswith("charset=")]
    return media == PLAIN_JSON and charsets in ([], ["utf-8"], ["utf8"])


def is_cross_origin_with_cookies(headers: Headers) -> bool:
    """Whether a browser sends this from a foreign page with the user's cookies: the shape of request forgery.

    Only host and port are compared: the hub stands behind a proxy that ends TLS and does not see the outer
    scheme.
    """
    origin = headers.get(b"origin")
    if origin is None or b"cookie" not in headers:
        return False
    try:
        netloc = urlsplit(origin.decode("ascii")).netloc
    except ValueError:
        return True
    return not netloc or netloc.lower().encode() != headers.get(b"host", b"").lower()
