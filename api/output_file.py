"""Defines OutputFile, an output of a job, without pydantic, so that `frames` can import it."""

from dataclasses import dataclass
from typing import Literal

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
