"""Connect: does the farm take the key?"""

from typing import Any

import bpy

from ..api import fields
from ..session import bridge
from ..translations import hinted, shown
from .jobs import system_refused

_STATES = {fields.REFUSED_KEY: "refused", fields.NO_ACCESS: "no access"}
_CALL = "Could not list the jobs. "  # the question that is asked, of no interest to who has a key
_REFUSED_HINT = (
    "Copy it from the Renderjuice dashboard once more. API access is granted on request: ask"
    " Renderjuice whether your account has it."
)


def result() -> tuple[str, str]:
    """What the farm said of the key, and a sentence about it.

    "" (not asked), "testing", "accepted", "refused", "no access" (the account has no right to the
    API), or "unreachable" for whatever says nothing about the key.
    """
    if bridge.trouble:
        return "unreachable", bridge.trouble
    if not bridge.asked:
        return "", ""
    answer: dict[str, Any] | None = bridge.replies.get(bridge.asked)
    if answer is None:
        return "testing", "Asking Renderjuice…"
    error = answer.get("error")
    if error:
        state = _STATES.get(error["id"], "unreachable")
        hint = _REFUSED_HINT if state == "refused" else error["hint"]
        said = error["message"].removeprefix(_CALL)
        return state, " ".join(map(shown, (said, hint))).strip()
    return "accepted", "Renderjuice takes this key."


class RENDERJUICE_OT_test_key(bpy.types.Operator):
    """Ask Renderjuice whether it takes the key"""

    bl_idname = "renderjuice.test_key"
    bl_label = "Test"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, _: bpy.types.Context) -> bool:
        """Say why the button cannot work."""
        reason = bridge.offline() if bridge.has_key() else "Enter a key first"
        if reason:
            cls.poll_message_set(hinted(reason))
        return not reason

    def execute(self, _: bpy.types.Context) -> set[str]:
        """Let the worker ask; the panels show the answer when it comes."""
        try:
            bridge.test_key()
        except OSError as error:
            return system_refused(self, error)
        return {"FINISHED"}


def register() -> None:
    """Add the operator."""
    bpy.utils.register_class(RENDERJUICE_OT_test_key)


def unregister() -> None:
    """Take it out."""
    bpy.utils.unregister_class(RENDERJUICE_OT_test_key)
