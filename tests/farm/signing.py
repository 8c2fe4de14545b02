"""Signed, expiring URLs, similar to S3's presigned URLs."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from urllib.parse import quote


class BadSignature(Exception):
    """The URL was not signed by this signer, or not for this method."""


class Expired(Exception):
    """The URL's signature is valid, but its lifetime is over."""


class Signer:
    """Signs URLs with its own random secret."""

    def __init__(self) -> None:
        self.revoke()

    def revoke(self) -> None:
        """Make all URLs signed so far invalid."""
        self._secret = secrets.token_bytes(32)

    def sign(self, method: str, key: str, lifetime: float) -> str:
        """Return the path and query that give access to `key` for `lifetime` seconds."""
        expires = f"{time.time() + lifetime:.3f}"
        signature = self._signature(method, key, expires)
        return f"/{quote(key)}?X-Expires={expires}&X-Signature={signature}"

    def check(self, method: str, key: str, query: Mapping[str, str]) -> None:
        """Raise BadSignature or Expired unless `sign` returned `query` for `method` and `key`."""
        expires = query.get("X-Expires", "")
        signature = self._signature(method, key, expires)
        if not hmac.compare_digest(signature, query.get("X-Signature", "")):
            raise BadSignature
        if time.time() > float(expires):
            raise Expired

    def _signature(self, method: str, key: str, expires: str) -> str:
        text = f"{method}\n{key}\n{expires}".encode()
        return hmac.new(self._secret, text, hashlib.sha256).hexdigest()
