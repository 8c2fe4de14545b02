"""Connect: does the farm take the key?"""

from typing import Any

import bpy

from ..jobs import bridge

_asked = 0


def result() -> tuple[str, str]:
    """What the farm said of the key: ("", "testing", "accepted" or "refused", a sentence)."""
    if not _asked:
        return "", ""
    answer: dict[str, Any] | None = bridge.replies.get(_asked)
    if bridge.trouble:
        return "refused", bridge.trouble
    if answer is None:
        return "testing", "Asking Renderjuice…"
    if answer.get("error"):
        return "refused", f"{answer['error']['message']} {answer['error']['hint']}".strip()
    return "accepted", "Renderjuice takes this key."


def forget() -> None:
    """The key has changed: what was said of the one before does not hold."""
    global _asked  # noqa: PLW0603 (one key, one question)
    _asked = 0


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
            cls.poll_message_set(reason)
        return not reason

    def execute(self, _: bpy.types.Context) -> set[str]:
        """Let the worker ask; the preferences show the answer when it comes."""
        global _asked  # noqa: PLW0603 (see above)
        try:
            _asked = bridge.test_key()
        except OSError as error:
            self.report({"ERROR"}, f"{error.filename or 'The worker'}: {error.strerror or error}")
            return {"CANCELLED"}
        return {"FINISHED"}


def register() -> None:
    """Add the operator."""
    bpy.utils.register_class(RENDERJUICE_OT_test_key)


def unregister() -> None:
    """Take it out."""
    forget()
    bpy.utils.unregister_class(RENDERJUICE_OT_test_key)
