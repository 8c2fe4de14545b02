"""Renderjuice for Blender: sends the open scene to the Renderjuice farm and brings the frames home.

Nothing of Blender is imported at the top: tools that only look at the folder have no bpy.
"""

from types import ModuleType


def _parts() -> list[ModuleType]:
    """The modules that add something to Blender, in the order in which they need each other."""
    from . import translations
    from .operators import check, connect, findings, frames, jobs, submit
    from .operators import overrides as override_operators
    from .panels import command_line, job_list, menu, preferences, render, sent
    from .panels import overrides as override_panels
    from .scene import properties
    from .session import job_list as session_jobs
    from .session import next_job, records, scan

    data = [translations, preferences, properties, session_jobs, records, scan, next_job]
    actions = [submit, check, findings, override_operators, jobs, frames, connect]
    return [*data, *actions, job_list, override_panels, sent, render, menu, command_line]


def register() -> None:
    """Add everything to Blender. Called by Blender when the extension is enabled."""
    for part in _parts():
        part.register()


def unregister() -> None:
    """Take everything out of Blender again."""
    for part in reversed(_parts()):
        part.unregister()
