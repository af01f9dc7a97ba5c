"""Reading the small texts of an exchange: error messages, `Retry-After`, and leaving secrets out.

Belongs here: pure functions of text. Does not belong here: the exchange (`http`).
"""

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

ERROR_BYTES = 64 << 10
_TAG = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)


def redact(text: str, secrets: Iterable[str]) -> str:
    """The text without any of the secrets."""
    for secret in secrets:
        text = text.replace(secret, "[redacted]")
    return text


def words(body: bytes, secrets: Iterable[str] = ()) -> str:
    """What a publisher says in an answer: its error message or the visible text, at most 200 characters.

    Secrets go first: cutting a text could leave half of one, which no later search would find.
    """
    text = redact(body[:ERROR_BYTES].decode("utf-8", "replace"), secrets)
    try:
        text = _message(json.loads(text))
    except (ValueError, RecursionError):
        text = _TAG.sub(" ", text)
    text = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(text.split())[:200] or "(no words)"


def retry_after(header: str | None, limit: float) -> float | None:
    """Seconds to wait as `Retry-After` asks (a number or an HTTP date), at most `limit`; None if unusable."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), limit)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max((moment - datetime.now(UTC)).total_seconds(), 0.0), limit)


def _message(value: object) -> str:
    if isinstance(value, dict):
        for name in ("error", "message", "detail", "title"):
            if value.get(name):
                return _message(value[name])
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
