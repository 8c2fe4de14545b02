"""One file that a job has on the farm, as plain data: no pydantic, so that frames may use it."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["frame", "compositeNode", "zip", "video"]


@dataclass(frozen=True, slots=True)
class OutputFile:
    """One file to download; texts are "" when not told. All but `kind` is the server's own word."""

    url: str
    file_name: str
    relative_path: str
    view: str
    composite_node_name: str
    kind: Kind
