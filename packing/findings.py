"""What the artist should know of a package before it is sent."""

from dataclasses import asdict

from ..api import fields
from ..scene import checks
from .manifest import Manifest


def checks_of(manifest: Manifest) -> list[checks.Check]:
    """The checks of the files that a scene needs."""
    return checks.from_manifest(asdict(manifest), fields.UPLOAD_LIMIT)
