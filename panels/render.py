"""The panels, in the sidebar of the 3D View and in the Render properties.

What draws their parts is imported when it is first drawn: enabling the extension stays fast.
"""

from __future__ import annotations

import bpy

from ..session.state import state
from ..translations import shown
from . import first_run, job_list
from . import overrides as overrides_panel
from .text import icon_of, measured


class _Main:
    layout: bpy.types.UILayout
    bl_label = "Renderjuice"

    @measured
    def draw(self, context: bpy.types.Context) -> None:
        """What is left to do for a first job, and what it would be; else the next job."""
        first = first_run.draw(self.layout, context)
        from . import next_job

        if first:
            self.layout.separator(type="LINE")
            next_job.draw_scene(self.layout, context)
        else:
            next_job.draw(self.layout, context)


class _AfterFirstRun:
    """Of no use before there is a key: what is to be done for one stands without it."""

    layout: bpy.types.UILayout

    @classmethod
    def poll(cls, _: bpy.types.Context) -> bool:
        """Whether it is shown."""
        return not first_run.needed()


class _Overrides(_AfterFirstRun):
    bl_label = "Overrides"
    bl_options = {"DEFAULT_CLOSED"}

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        """How many there are, and the menu of presets."""
        overrides_panel.draw_count(self.layout, context)
        overrides_panel.draw_presets(self.layout)

    @measured
    def draw(self, context: bpy.types.Context) -> None:
        """What the farm renders differently from the scene."""
        overrides_panel.draw(self.layout, context)


class _Jobs(_AfterFirstRun):
    bl_label = "Jobs"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether it is shown: jobs stay, whatever has become of the key."""
        return bool(state.jobs or state.damaged) or super().poll(context)

    def draw_header_preset(self, _: bpy.types.Context) -> None:
        """How many are under way."""
        count = len(job_list.running())
        if count:
            self.layout.label(text=shown("{count} active", count=count), translate=False)

    @measured
    def draw(self, context: bpy.types.Context) -> None:
        """What is running, what has come home."""
        job_list.draw(self.layout, context)


class _Job:
    """The selected job, below the list; its header is the job's name."""

    layout: bpy.types.UILayout
    bl_label = ""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether one is selected."""
        return job_list.selected(context) is not None

    def draw_header(self, context: bpy.types.Context) -> None:
        """What it is called."""
        job = job_list.selected(context)
        if job is not None:
            self.layout.label(text=job.title, icon=icon_of(job), translate=False)

    @measured
    def draw(self, context: bpy.types.Context) -> None:
        """What it says."""
        from . import job_details

        job = job_list.selected(context)
        if job is not None:
            job_details.draw(self.layout, context, job)


class _Sidebar:
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Renderjuice"


class _RenderProperties:
    bl_space_type = "PROPERTIES"
    bl_region_type = "WINDOW"
    bl_context = "render"


class VIEW3D_PT_renderjuice_main(_Main, _Sidebar, bpy.types.Panel):
    """The next job in the sidebar."""


class VIEW3D_PT_renderjuice_overrides(_Overrides, _Sidebar, bpy.types.Panel):
    """Overrides in the sidebar."""

    bl_parent_id = "VIEW3D_PT_renderjuice_main"


class VIEW3D_PT_renderjuice_jobs(_Jobs, _Sidebar, bpy.types.Panel):
    """What was sent, in the sidebar."""


class VIEW3D_PT_renderjuice_job(_Job, _Sidebar, bpy.types.Panel):
    """The selected job, in the sidebar."""

    bl_parent_id = "VIEW3D_PT_renderjuice_jobs"


class RENDER_PT_renderjuice_main(_Main, _RenderProperties, bpy.types.Panel):
    """The next job in the Render properties."""

    bl_order = 0
    bl_options = {"DEFAULT_CLOSED"}


class RENDER_PT_renderjuice_overrides(_Overrides, _RenderProperties, bpy.types.Panel):
    """Overrides in the Render properties."""

    bl_parent_id = "RENDER_PT_renderjuice_main"


class RENDER_PT_renderjuice_jobs(_Jobs, _RenderProperties, bpy.types.Panel):
    """What was sent, in the Render properties."""

    bl_label = "Renderjuice Jobs"
    bl_order = 0
    bl_options = {"DEFAULT_CLOSED"}


class RENDER_PT_renderjuice_job(_Job, _RenderProperties, bpy.types.Panel):
    """The selected job, in the Render properties."""

    bl_parent_id = "RENDER_PT_renderjuice_jobs"


_CLASSES = (
    VIEW3D_PT_renderjuice_main,
    VIEW3D_PT_renderjuice_overrides,
    VIEW3D_PT_renderjuice_jobs,
    VIEW3D_PT_renderjuice_job,
    RENDER_PT_renderjuice_main,
    RENDER_PT_renderjuice_overrides,
    RENDER_PT_renderjuice_jobs,
    RENDER_PT_renderjuice_job,
)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)  # type: ignore[attr-defined]
