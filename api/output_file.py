"""Defines OutputFile, an output of a job, without pydantic, so that `frames` can import it."""

import hashlib
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

Kind = Literal["frame", "compositeNode", "zip", "video"]


@dataclass(frozen=True, slots=True)
class OutputFile:
    """One file to download. A missing text is "". All but `kind` is untrusted server data."""

    url: str
    file_name: str
    relative_path: str
    view: str
    composite_node_name: str
    kind: Kind

    @property
    def identity(self) -> str:
        """Identifies the file within its job: a hash of its metadata, a space, and a hash of its
        URL's path. The URL's query, its signature, differs in each list."""
        metadata = (self.view, self.composite_node_name, self.relative_path, self.file_name)
        return f"{_hash(repr(metadata))} {_hash(_path(self.url))}"


def metadata_part(identity: str) -> str:
    """The part of an identity that is independent of the URL."""
    return identity.partition(" ")[0]


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return url.partition("?")[0]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
