"""Signed, expiring URLs, in the manner of S3's presigned ones."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from urllib.parse import quote


class BadSignature(Exception):
    """The URL is not one of ours, or not for this method."""


class Expired(Exception):
    """The URL was ours, once."""


class Signer:
    """Signs with a secret of its own."""

    def __init__(self) -> None:
        self.revoke()

    def revoke(self) -> None:
        """From here on no URL that was signed before is ours."""
        self._secret = secrets.token_bytes(32)

    def sign(self, method: str, key: str, lifetime: float) -> str:
        """Return path and query under which `key` may be put or got for `lifetime` seconds."""
        expires = f"{time.time() + lifetime:.3f}"
        signature = self._signature(method, key, expires)
        return f"/{quote(key)}?X-Expires={expires}&X-Signature={signature}"

    def check(self, method: str, key: str, query: Mapping[str, str]) -> None:
        """Raise BadSignature or Expired unless the query is what `sign` gave for this."""
        expires = query.get("X-Expires", "")
        signature = self._signature(method, key, expires)
        if not hmac.compare_digest(signature, query.get("X-Signature", "")):
            raise BadSignature
        if time.time() > float(expires):
            raise Expired

    def _signature(self, method: str, key: str, expires: str) -> str:
        text = f"{method}\n{key}\n{expires}".encode()
        return hmac.new(self._secret, text, hashlib.sha256).hexdigest()
