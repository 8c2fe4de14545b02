"""Texts for artists and users of the command line use Blender's terms and no identifiers."""

import ast
import itertools
import re
from dataclasses import replace
from pathlib import Path

import pytest
from renderjuice.api import fields
from renderjuice.scene import config, formats
from renderjuice.translations import LANGUAGES

import texts
import translate
from tests.unit.test_scene_config import CYCLES

ROOT = Path(__file__).resolve().parents[2]
RAW = re.compile(r"(?<![\w/])(?:[a-z]+[A-Z]\w*|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[a-z]+(?:_[a-z]+)+)\b")
"""camelCase, ALL_CAPS and snake_case."""
MEANT = {
    "HTTPS_PROXY": "a variable that the reader sets",
    "RENDERJUICE_STATE_DIR": "a variable that the reader sets",
    "iCloud": "Apple's own spelling",
    "oneAPI": "Intel's own spelling",
}
NOT_WANTED = (
    *("may be paid", "gone on with", "is paid, too", "Mend the scene", "made a mistake"),
    *("takes this key", "takes the key", "on the way here", "normalized render time"),
)
"""Phrases that readers found hard to understand."""


def raw(sentence: str) -> list[str]:
    """The identifiers in a sentence, without its placeholders."""
    return [one for one in RAW.findall(re.sub(r"\{\w*\}", "", sentence)) if one not in MEANT]


def test_an_identifier_is_seen() -> None:
    assert raw("This Blender offers no denoiserType OPTIX, nor color_depth.") == [
        "denoiserType",
        "color_depth",
    ]
    assert raw("OPEN_EXR_MULTILAYER has no {color_depth}.") == ["OPEN_EXR_MULTILAYER"]
    assert raw("OptiX, OpenEXR, an API key, PNG or ACES") == []


def test_no_sentence_names_an_identifier() -> None:
    found = {text: raw(text) for text in texts.texts() if raw(text)}
    assert found == {}
    for language in LANGUAGES:
        said = translate.catalogue(language).values()
        assert [text for text in said if raw(text)] == []


def test_no_value_is_said_by_its_identifier() -> None:
    """Checks the messages about each engine, format, depth, codec and device."""
    said: list[str] = []
    formats_ = (*formats._FORMATS, *formats.VIDEO)
    every = itertools.product(
        ("CYCLES", "BLENDER_EEVEE", "BLENDER_EEVEE_NEXT", "BLENDER_WORKBENCH"), formats_
    )
    for engine, file_format in every:
        own = replace(
            CYCLES,
            engine=engine,
            file_format=file_format,
            compute_device_type="ONEAPI",
            exr_codec="HTJ2K",
            denoiser=None,
            file_formats=("PNG", "OPEN_EXR_MULTILAYER"),
        )
        over = {"outputSettings.colorDepth": "32", "outputSettings.exrCodec": "B44"}
        for overrides in (
            {},
            over | {"outputFormat": file_format, "sampleCount": 0},
            over | {"resolution": [1, 1], "fps": 0.5, "tileSize": 1},
        ):
            wanted = config.requested(own, overrides)
            said += [*wanted.left_out.values(), *wanted.conflicts]
    assert len(set(said)) > 25
    identifiers = set(fields.WORDS) - {"HDR"}  # HDR is also an ordinary word
    for sentence in set(said):
        words = set(re.findall(r"\w+", sentence))
        assert not raw(sentence) and not words & identifiers, sentence


@pytest.mark.parametrize("phrase", NOT_WANTED)
def test_what_readers_stumbled_over_is_not_said(phrase: str) -> None:
    assert [said for said in shown() if phrase in said] == []


def shown() -> list[str]:
    """Every string in the source of the extension except docstrings."""
    found = []
    for path in (*ROOT.glob("*.py"), *(p for one in PLACES for p in (ROOT / one).rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Expr):
                node.value = ast.Constant(None)  # a docstring
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
    assert len(found) > 2000
    return found


PLACES = [one for one in {*texts.PLACES, "commands"} if one != "."]
