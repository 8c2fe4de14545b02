"""Texts in the artist's language. The source says them in English; each other module here, in one.

Blender looks up by itself what it is given as it stands: labels, names, descriptions. What is put
together for a panel (`shown("{count} files", count=3)`), what an operator reports and what comes
from the worker, finished and in English, passes through here. JSON, logs and the command line do
not. Where Blender speaks English, or its translation is switched off, nothing is looked up.
"""

from functools import lru_cache
from importlib import import_module
from typing import Any

LANGUAGES = ("de", "ja")
"""The modules here that hold a language, each named as the locale, or as the first part of it."""
CONTEXTS = ("*", "Operator", "Renderjuice")
"""Where Blender looks for a text: anywhere, on a button, and where it must not find its own, as for
"Deflate", which is a brush of Blender's and a compression of ours."""


def shown(text: str, **values: Any) -> str:
    """A text for a panel or a menu, filled in with `values`."""
    return _filled(text, values, "use_translate_interface")


def hinted(text: str, **values: Any) -> str:
    """A text for a tooltip."""
    return _filled(text, values, "use_translate_tooltips")


def reported(text: str, **values: Any) -> str:
    """A text that an operator reports."""
    return _filled(text, values, "use_translate_reports")


def _filled(text: str, values: dict[str, Any], switch: str) -> str:
    import bpy  # now: without Blender the modules here are read, too

    language = _language(bpy.app.translations.locale)
    if language and getattr(bpy.context.preferences.view, switch):
        text = _said(language, text)
    return text.format(**values) if values else text


@lru_cache(8)
def _language(locale: str | None) -> str:
    """The language of Blender's locale, if it is one of ours, else ""."""
    locale = locale or ""
    language = locale if locale in LANGUAGES else locale.partition("_")[0]
    return language if language in LANGUAGES else ""


@lru_cache(2048)
def _said(language: str, text: str) -> str:
    from . import sentences  # now: who reads English needs none of it

    return sentences.of(language).said(text)


def texts(language: str) -> dict[str, str]:
    """A language's catalogue: its texts by the English ones."""
    found: dict[str, str] = import_module(f".{language}", __name__).TEXTS
    return found


# -- what Blender looks up by itself --------------------------------------------------------------

_owner = object()
"""Whose Blender's messages are."""
_told = ""
"""The language that Blender was told."""


def _tell() -> None:
    """Tell Blender the language that it speaks now. Others are not even read."""
    global _told  # noqa: PLW0603 (one Blender, one language)
    import bpy

    language = _language(bpy.app.translations.locale)
    if language == _told:
        return
    if _told:
        bpy.app.translations.unregister(__name__)
    _told = language
    if language:
        said = texts(language).items()
        known = {(context, text): other for text, other in said for context in CONTEXTS}
        bpy.app.translations.register(__name__, {language: known})


def _listen(*_: object) -> None:
    """Hear when the language is changed. A file that is opened ends all such subscriptions."""
    import bpy

    bpy.msgbus.clear_by_owner(_owner)
    key: Any = (bpy.types.PreferencesView, "language")
    bpy.msgbus.subscribe_rna(key=key, owner=_owner, args=(), notify=_tell)
    _tell()


def register() -> None:
    """Speak Blender's language, also when it is changed."""
    import bpy

    bpy.app.handlers.persistent(_listen)
    bpy.app.handlers.load_post.append(_listen)
    _listen()


def unregister() -> None:
    """Leave nothing of it in Blender."""
    global _told  # noqa: PLW0603
    import bpy

    bpy.app.handlers.load_post.remove(_listen)
    bpy.msgbus.clear_by_owner(_owner)
    if _told:
        bpy.app.translations.unregister(__name__)
    _told = ""
    _said.cache_clear()
