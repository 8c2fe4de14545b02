"""The operator that tests the API key."""

import bpy

from ..session import account, connection
from ..translations import hinted
from .jobs import report_os_error


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


_CLASSES = (RENDERJUICE_OT_test_key,)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)  # type: ignore[attr-defined]
