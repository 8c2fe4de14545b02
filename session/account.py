"""Stores the API key and tests it."""

import bpy

from ..translations import shown
from . import connection, paths
from .state import KeyTest, state

_CALL = "Could not list the jobs. "  # the test's request; the user need not know it
_REFUSED_HINT = (
    "Copy it from the Renderjuice dashboard once more. API access is granted on request: ask"
    " Renderjuice whether your account has it."
)


def _key() -> str:
    from ..jobs import key  # enabling the extension stays fast

    return key.read(paths.state_folder())


def has_key() -> bool:
    """Whether a key is stored or in the environment. The result is cached for drawing."""
    if state.has_key is None:
        state.has_key = bool(_key())
    return state.has_key


def key_problem() -> str:
    """Why the key can be none, with what helps; "" if it can be one, or there is none."""
    from ..api import errors  # enabling the extension stays fast
    from ..api.key import check_key

    try:
        if has_key():
            check_key(_key())
    except errors.ApiError as error:
        return f"{error.message} {error.hint}"
    return ""


def keep_key(new: str) -> None:
    """Store a key, and send it to a running worker. Raises OSError."""
    from ..jobs import key

    state.key_test = KeyTest()  # the result belongs to the previous key
    key.write(paths.state_folder(), new)
    state.has_key = None
    if connection.running() and bpy.app.online_access:
        from ..jobs.protocol import UseKey

        connection.send(UseKey(_key()))


def enter_key(text: str) -> None:
    """Store the key that was typed into the preferences, and test it."""
    new = text.replace("•", "").strip()  # the mask of the previous key may be part of the text
    if text and not new:
        return
    try:
        keep_key(new)
        if new and not connection.offline():
            test_key()
    except OSError as error:
        state.trouble = f"The key could not be kept: {error}"


def new_address() -> None:
    """Restart the worker after a change of the API address."""
    state.key_test, state.trouble = KeyTest(), ""
    connection.restart()


def test_key() -> None:
    """Start a test of the key; `test_result` gives its result. Raises OSError."""
    from ..jobs.protocol import TestKey

    number = connection.send(TestKey(_key()))
    state.key_test = KeyTest(number)


def test_result() -> tuple[str, str]:
    """The state of the key test, and a sentence about it.

    The state is "" (not tested), "testing", "accepted", "refused", "no access" (the account has no
    API access), or "unreachable" for any other error.
    """
    if state.trouble:
        return "unreachable", state.trouble
    if not state.key_test.number:
        return "", ""
    answer = state.key_test.answer
    if answer is None:
        return "testing", "Asking Renderjuice…"
    error = answer.error
    if error:
        from ..api import fields  # enabling the extension stays fast

        states = {fields.REFUSED_KEY: "refused", fields.NO_ACCESS: "no access"}
        result = states.get(error.id, "unreachable")
        hint = _REFUSED_HINT if result == "refused" else error.hint
        said = error.message.removeprefix(_CALL)
        return result, " ".join(map(shown, (said, hint))).strip()
    return "accepted", "Connected"
