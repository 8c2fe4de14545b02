"""The request that starts a render is strict: the fields of the table, and nothing else."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError
from renderjuice.api import fields
from renderjuice.api.render_config import RequestedRenderConfig, render_body

BODY = json.loads(
    (Path(__file__).resolve().parents[1] / "data/start-render-body.json").read_text(
        encoding="utf-8"
    )
)
MINIMAL = {"colorManagementPreset": "default"}


def good_value(entry):
    return {
        "enum": next(iter(entry.values), None),
        "number": entry.minimum,
        "integer": entry.minimum,
        "boolean": True,
        "string": "text",
        "strings": ["1-250"],
        "numbers": [1920, 1080],
    }[entry.type]


def keys_of(config):
    return {
        key: keys_of(value) if isinstance(value, dict) else None for key, value in config.items()
    }


def test_a_body_of_all_fields_has_exactly_the_keys_of_the_sample():
    flat = {name: good_value(entry) for name, entry in fields.FIELDS.items()}
    assert keys_of(render_body(fields.nest(flat))) == keys_of(BODY)


def test_model_and_table_are_equal():
    def flat_names(model, prefix=""):
        for name, member in model.model_fields.items():
            inner = member.annotation
            if hasattr(inner, "model_fields"):
                yield from flat_names(inner, f"{name}.")
            else:
                yield prefix + name

    assert set(flat_names(RequestedRenderConfig)) == set(fields.FIELDS)
    for name, entry in fields.FIELDS.items():
        for value, mark in entry.values.items():
            config = MINIMAL | fields.nest({name: value})
            if mark == "unknown":
                with pytest.raises(ValueError, match="not known whether"):
                    render_body(config)
            else:
                sent = render_body(config)["requestedRenderConfig"]
                assert fields.flatten(sent)[name] == value
        for bound, beyond in ((entry.minimum, -1), (entry.maximum, 1)):
            if bound is not None and entry.type != "numbers":
                render_body(MINIMAL | fields.nest({name: bound}))
                with pytest.raises(ValueError, match=f"^{name} takes "):
                    render_body(MINIMAL | fields.nest({name: bound + beyond}))


@pytest.mark.parametrize(
    "config, words",
    [
        ({}, "colorManagementPreset is missing"),
        (MINIMAL | {"camera": "Cam"}, "camera is not a Renderjuice render setting"),
        (MINIMAL | {"outputSettings": {"dpi": 1}}, "outputSettings.dpi is not a Renderjuice"),
        (MINIMAL | {"outputSettings": 5}, "outputSettings"),
        (MINIMAL | {"sampleCount": "4"}, "sampleCount takes a whole number"),
        (MINIMAL | {"denoisingEnabled": 1}, "denoisingEnabled takes true or false"),
        (MINIMAL | {"notes": None}, "notes takes a text"),
    ],
)
def test_nothing_else_can_be_sent(config, words):
    with pytest.raises(ValueError) as error:
        render_body(config)
    assert words in str(error.value)


def test_the_model_itself_forbids_unknown_fields():
    with pytest.raises(ValidationError):
        RequestedRenderConfig(**MINIMAL, camera="Cam")


def test_whole_numbers_are_sent_without_a_decimal_point():
    config = MINIMAL | {"gpuCount": 2.0, "fps": 25.0, "resolution": [64.0, 32], "minimumRam": 1.5}
    text = json.dumps(render_body(config)["requestedRenderConfig"])
    assert json.loads(text) == config
    assert '"gpuCount": 2,' in text and '"fps": 25,' in text and "[64, 32]" in text
    assert "1.5" in text
