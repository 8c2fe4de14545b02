"""What Blender calls its own things, in the artist's language: identifiers are for files."""

from __future__ import annotations

from typing import Any

import bpy

from ..scene import overrides
from ..translations import shown

ENGINES = {
    "CYCLES": "Cycles",
    "BLENDER_EEVEE": "EEVEE",
    "BLENDER_EEVEE_NEXT": "EEVEE",
    "BLENDER_WORKBENCH": "Workbench",
}
TIMES = "\N{MULTIPLICATION SIGN}"
_IMAGE_SETTINGS = {
    "outputFormat": "file_format",
    "outputSettings.colorMode": "color_mode",
    "outputSettings.colorDepth": "color_depth",
    "outputSettings.exrCodec": "exr_codec",
    "outputSettings.tiffCodec": "tiff_codec",
}


def setting(name: str) -> str:
    """What an API field is called."""
    group: Any = bpy.types.Scene.bl_rna.properties["renderjuice"]
    return str(group.fixed_type.properties[overrides.PROPERTIES[name]].name)


def engine(identifier: str) -> str:
    """A render engine, also an add-on's."""
    if identifier in ENGINES:
        return ENGINES[identifier]
    for one in bpy.types.RenderEngine.__subclasses__():
        if getattr(one, "bl_idname", "") == identifier:
            return str(one.bl_label)
    return identifier


def file_format(identifier: str) -> str:
    """A file format, without the extension that Blender 5.2 adds: "PNG (.png)"."""
    return _of(bpy.types.ImageFormatSettings, "file_format", identifier)


def value(name: str, said: Any) -> str:
    """The value of an API field, in words."""
    if isinstance(said, bool):
        return shown("On") if said else shown("Off")
    if isinstance(said, list | tuple):
        return (f" {TIMES} " if said and isinstance(said[0], int) else ", ").join(map(str, said))
    if name == "renderEngine":
        return engine(str(said))
    if name in _IMAGE_SETTINGS:
        return _of(bpy.types.ImageFormatSettings, _IMAGE_SETTINGS[name], str(said))
    group: Any = bpy.types.Scene.bl_rna.properties["renderjuice"]
    known: Any = group.fixed_type.properties[overrides.PROPERTIES[name]]
    if known.type == "ENUM" and str(said) in known.enum_items:
        return str(shown(known.enum_items[str(said)].name))
    return str(said)


def said(name: str, words: str) -> str:
    """A value that the farm was asked for or has used, which came as words of ours."""
    return value(name, {"on": True, "off": False}.get(words, words))


def _of(struct: Any, prop: str, identifier: str) -> str:
    items = struct.bl_rna.properties[prop].enum_items
    name = items[identifier].name if identifier in items else identifier
    return str(bpy.app.translations.pgettext_iface(name)).partition(" (")[0]
