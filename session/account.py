"""The API key: whether there is one, storing it, and asking Renderjuice whether it takes it."""

import bpy

from ..translations import shown
from . import connection, paths
from .state import KeyTest, state

_CALL = "Could not list the jobs. "  # the question that is asked, of no interest to who has a key
_REFUSED_HINT = (
    "Copy it from the Renderjuice dashboard once more. API access is granted on request: ask"
    " Renderjuice whether your account has it."
)


def _key() -> str:
    from ..jobs import key  # enabling the extension stays fast

    return key.read(paths.state_folder())


def has_key() -> bool:
    """Whether a key is stored or in the environment. Reads it once: panels ask at each draw."""
    if state.has_key is None:
        state.has_key = bool(_key())
    return state.has_key


def keep_key(new: str) -> None:
    """Store a key, and tell the worker that waits for one. Raises OSError."""
    from ..jobs import key

    state.key_test = KeyTest()  # what was said of the key before does not hold
    key.write(paths.state_folder(), new)
    state.has_key = None
    if connection.running() and bpy.app.online_access:
        from ..jobs.protocol import UseKey

        connection.send(UseKey(_key()))


def enter_key(text: str) -> None:
    """Store what was typed into the field of the key, and try it at once."""
    new = text.replace("•", "").strip()  # the dots of the one before, if it was pasted beside them
    if text and not new:
        return
    try:
        keep_key(new)
        if new and not connection.offline():
            test_key()
    except OSError as error:
        state.trouble = f"The key could not be kept: {error}"


def new_address() -> None:
    """The API's address has changed: a worker that knows the old one makes way for another."""
    state.key_test, state.trouble = KeyTest(), ""
    connection.restart()


def test_key() -> None:
    """Ask the farm whether it takes the key; `test_result` says the answer. Raises OSError."""
    from ..jobs.protocol import TestKey

    number = connection.send(TestKey(_key()))
    state.key_test = KeyTest(number)


def test_result() -> tuple[str, str]:
    """What the farm said of the key, and a sentence about it.

    "" (not asked), "testing", "accepted", "refused", "no access" (the account has no right to the
    API), or "unreachable" for whatever says nothing about the key.
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
    return "accepted", "Renderjuice takes this key."
