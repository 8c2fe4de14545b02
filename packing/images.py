"""Finds the files of an image: a single file, a movie, a sequence or tiles, each once per view."""

from collections.abc import Iterator
from typing import Any

from . import sequences, views
from .reference import Place, Reference, of_files, path_of, series


def references(image: Any, place: Place) -> Iterator[Reference]:
    """The path of `image`, from which those of its views follow."""
    if not image.filepath_raw or image.source in ("GENERATED", "VIEWER"):
        return
    path = path_of(image, "filepath_raw", place.folder)
    # filepath_raw, because writing `filepath` reloads the image, even a packed one.
    reference = Reference(image, "filepath_raw", path)
    if image.packed_file is not None or len(image.packed_files) > 0:
        reference.packed = True
    elif image.is_multiview and image.views_format == "INDIVIDUAL":
        # Only Blender can set the views' paths, and it reads the files for that.
        reference.attribute, reference.reads_file = "filepath", True
        reference.views = views.paths(path, place.eyes)
        _add_files(reference, image)
        if not place.eyes.rendered:
            reference.missing = [each for each in reference.missing if each == path]
    else:
        _add_files(reference, image)
    yield reference


def _add_files(reference: Reference, image: Any) -> None:
    for path in reference.views or [reference.path]:
        if image.source == "SEQUENCE":
            found = series("image", image, "", path)
        elif image.source == "TILED":
            wanted = sequences.tiles(path, [tile.number for tile in image.tiles])
            found = of_files("image", image, "", path, wanted)
        else:
            found = of_files("film", image, "", path, [path])
        reference.files += found.files
        reference.missing += found.missing
        reference.content = found.content
