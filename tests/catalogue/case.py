"""What a case of the catalogue is: a small project whose picture depends on certain files."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Make = Callable[[Path], Path]
"""Makes a project somewhere below a folder, and gives the .blend to render."""


@dataclass(frozen=True)
class Case:
    """`make` makes the project. In Blenders before `since` it cannot be, for the `reason`.

    `frames`: those of the job, where they are not the scene's current one alone.
    `travels`: how the names of the members beside the top-level .blend end, where some of them
    need not show in the one frame that is rendered; else each of them must matter to the picture.
    `warns`, `stops`: the id of the check that says what the artist has to know; one that `stops` is
    said before anything is sent, so nothing is rendered elsewhere.
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
    """Put a project into the catalogue."""

    def add(make: Make) -> Make:
        group = make.__module__.rpartition(".")[2]
        CASES.append(
            Case(make, group, since, before, reason, travels, frames, then, warns, stops, lists)
        )
        return make

    return add
