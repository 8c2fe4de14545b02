"""Reads the extension's preferences, which panels/preferences.py defines.

If the extension is not enabled, as in a checkout, they have their defaults.
"""

import os
from typing import Any

import bpy

PACKAGE = __package__.rpartition(".")[0]
API_URL = "https://api.renderjuice.com/api/external/v1"
OUTPUT_FOLDER = "//renderjuice/{file}/{title}/"
TRANSFERS = 16


class _Defaults:
    """The preferences if the extension is not enabled: headless from a checkout."""

    api_url = API_URL
    output_folder = OUTPUT_FOLDER
    scratch_folder = ""
    transfers = TRANSFERS
    on_end = ""


def get() -> Any:
    """The preferences of this Blender."""
    addon: Any = bpy.context.preferences.addons.get(PACKAGE)
    return addon.preferences if addon and addon.preferences else _Defaults


def api_url() -> str:
    """The API's address: from the environment, else from the preferences."""
    return (os.environ.get("RENDERJUICE_API_URL") or str(get().api_url)).strip()


def on_end() -> str:
    """The artist's command for the end of a job: from the environment, else the preferences."""
    return os.environ.get("RENDERJUICE_ON_END") or str(get().on_end)
