"""A case of the catalogue: a small project whose picture depends on certain files."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Make = Callable[[Path], Path]
"""Makes a project somewhere below a folder, and returns the .blend to render."""


@dataclass(frozen=True)
class Case:
    """`make` makes the project. Blenders before `since` cannot, for the `reason`.

    `frames`: the frames of the job, if they are not only the scene's current one.
    `travels`: the ends of the names of the members beside the top-level .blend, if some of them are
    not visible in the one rendered frame; otherwise each of them must affect the picture.
    `warns`, `stops`: the id of the check that informs the user; if the check `stops` the job, it is
    reported before anything is sent, so no package is rendered.
    """

    make: Make
    group: str
    since: tuple[int, int] = (4, 2)
    before: tuple[int, int] = (9, 0)
    reason: str = ""
    travels: tuple[str, ...] | None = None
    frames: tuple[int, ...] | None = None
    then: Callable[[Path], None] | None = None
    """Changes the project after it was rendered for the comparison."""
    warns: str = ""
    stops: str = ""
    lists: bool = True
    """Whether Blender's own list of the package's paths is right."""

    @property
    def name(self) -> str:
        return self.make.__name__.replace("_", " ")


CASES: list[Case] = []


def case(
    *,
    since: tuple[int, int] = (4, 2),
    before: tuple[int, int] = (9, 0),
    reason: str = "",
    travels: tuple[str, ...] | None = None,
    frames: tuple[int, ...] | None = None,
    then: Callable[[Path], None] | None = None,
    warns: str = "",
    stops: str = "",
    lists: bool = True,
) -> Callable[[Make], Make]:
    """Register a project as a case of the catalogue."""

    def add(make: Make) -> Make:
        group = make.__module__.rpartition(".")[2]
        CASES.append(
            Case(make, group, since, before, reason, travels, frames, then, warns, stops, lists)
        )
        return make

    return add
