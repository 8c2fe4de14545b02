"""The operators of the preferences: the test of the API key, and the self-test of this computer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from ..session import account, connection, redraw, timers
from ..session.state import SelfTestShown, state
from ..translations import hinted
from .jobs import report_os_error

if TYPE_CHECKING:
    from ..selftest.launch import SelfTest

SECONDS_BETWEEN_TICKS = 0.2
_current: SelfTest | None = None


class RENDERJUICE_OT_test_key(bpy.types.Operator):
    """Check the key with Renderjuice, and keep it"""

    bl_idname = "renderjuice.test_key"
    bl_label = "Connect"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, _: bpy.types.Context) -> bool:
        """Whether the operator is available, with the reason in its tooltip."""
        reason = connection.offline() if account.has_key() else "Enter a key first"
        if reason:
            cls.poll_message_set(hinted(reason))
        return not reason

    def execute(self, _: bpy.types.Context) -> set[str]:
        """Start the test; the panels show its result."""
        try:
            account.test_key()
        except OSError as error:
            return report_os_error(self, error)
        return {"FINISHED"}


class RENDERJUICE_OT_selftest(bpy.types.Operator):
    """Try a job's whole way on this computer. No network is used, and nothing of yours touched"""

    bl_idname = "renderjuice.selftest"
    bl_label = "Test This Computer"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, _: bpy.types.Context) -> bool:
        """Whether none is under way."""
        if state.selftest.running:
            cls.poll_message_set(hinted("The test is under way"))
        return not state.selftest.running

    def execute(self, _: bpy.types.Context) -> set[str]:
        """Start it in the background."""
        global _current  # noqa: PLW0603 (one at a time)
        from ..selftest.launch import SelfTest  # enabling the extension stays fast

        try:
            _current = SelfTest()
        except OSError as error:
            return report_os_error(self, error)
        state.selftest = SelfTestShown()
        state.selftest.running = True
        timers.start(_tick)
        return {"FINISHED"}


def _tick() -> float | None:
    """Show what has come. Runs as a timer."""
    if _current is None:
        return None
    try:
        if _current.receive():
            _show(_current)
            redraw.now()
    except Exception:
        timers.print_exception()
        _close()
    return SECONDS_BETWEEN_TICKS if _current and not _current.end else None


def _show(test: SelfTest) -> None:
    shown = state.selftest
    shown.lines[:] = [(one.text, one.held, f"{one.found} {one.hint}") for one in test.lines]
    if test.end:
        shown.running = False
        shown.report, shown.problem = test.end.report, test.end.problem


def _close() -> None:
    """End one that is under way."""
    global _current  # noqa: PLW0603
    timers.stop(_tick)
    if _current:
        _current.close()
    _current = None
    state.selftest = SelfTestShown()


_CLASSES = (RENDERJUICE_OT_test_key, RENDERJUICE_OT_selftest)
_register, _unregister = bpy.utils.register_classes_factory(_CLASSES)  # type: ignore[attr-defined]


def register() -> None:
    """Add the operators to Blender."""
    _register()


def unregister() -> None:
    """Take them out again, and end a self-test that is under way."""
    _close()
    _unregister()
