"""Decides what can be an API key. Blender's process asks, too, before it makes anything."""

import re

from . import fields
from .errors import ApiError

MAX_LENGTH = 1024
"""Characters, more than any key has. It travels to the worker in a message of 4 KiB."""


def check_key(key: str) -> None:
    """Raise ApiError, which does not quote it, if a text can be no API key."""
    if not key:
        raise ApiError(
            fields.REFUSED_KEY,
            "There is no API key.",
            "Paste the key from the Renderjuice dashboard into the preferences.",
        )
    if not re.fullmatch(r"[!-~]+", key):
        raise ApiError(
            fields.REFUSED_KEY,
            "The API key holds a character that no key has.",
            "Copy it from the Renderjuice dashboard again, without spaces or line breaks.",
        )
    if len(key) > MAX_LENGTH:
        raise ApiError(
            fields.REFUSED_KEY,
            "The API key is longer than any key.",
            "Copy it from the Renderjuice dashboard again, without spaces or line breaks.",
        )
