"""The table of the fields that may be sent, and the FIELD=VALUE options of the command line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from renderjuice.api import fields

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = json.loads((ROOT / "tests/data/start-render-body.json").read_text(encoding="utf-8"))

# DOCUMENTED: values from Renderjuice's documentation. INFERRED: values that follow from Blender.
DOCUMENTED = {
    "colorManagementPreset": "default aces",
    "renderEngine": "CYCLES",
    "compositorDevice": "CPU",
    "computeDeviceType": "CUDA",
    "denoiserType": "OPTIX",
    "outputFormat": "PNG",
    "outputSettings.colorMode": "BW",
    "outputSettings.colorDepth": "8",
    "outputSettings.exrCodec": "NONE",
    "outputSettings.tiffCodec": "NONE",
}
INFERRED = {
    "compositorDevice": "GPU",
    "computeDeviceType": "OPTIX",
    "denoiserType": "OPENIMAGEDENOISE",
    "outputFormat": "OPEN_EXR JPEG TIFF",
    "outputSettings.colorMode": "RGB RGBA",
    "outputSettings.colorDepth": "10 12 16 32",
    "outputSettings.exrCodec": "ZIP ZIPS PIZ PXR24 RLE B44 B44A DWAA DWAB",
    "outputSettings.tiffCodec": "DEFLATE LZW PACKBITS",
}


def test_the_table_has_the_fields_of_the_documented_sample_in_its_order():
    assert list(fields.FIELDS) == list(fields.flatten(SAMPLE["requestedRenderConfig"]))


@pytest.mark.parametrize("mark, table", [("documented", DOCUMENTED), ("inferred", INFERRED)])
def test_every_value_has_its_mark(mark, table):
    marked = {
        name: " ".join(value for value, found in entry.values.items() if found == mark)
        for name, entry in fields.FIELDS.items()
    }
    assert {name: values for name, values in marked.items() if values} == table


def test_eevee_is_known_but_not_sent():
    flat = {"renderEngine": "BLENDER_EEVEE_NEXT", "sampleCount": 16}
    assert fields.problem("renderEngine", "BLENDER_EEVEE_NEXT") is None
    sent, left_out = fields.sendable(flat)
    assert sent == {"sampleCount": 16}
    assert "takes EEVEE;" in left_out["renderEngine"]


def test_what_the_table_does_not_allow_is_left_out_with_the_reason():
    sent, left_out = fields.sendable({"gpuCount": 0, "outputSettings.exrCodec": "HTJ2K", "x": 1})
    assert sent == {}
    assert left_out["gpuCount"] == "gpuCount takes a whole number of at least 1, not 0."
    assert set(left_out) == {"gpuCount", "outputSettings.exrCodec", "x"}


@pytest.mark.parametrize(
    "name, good, bad",
    [
        ("gpuCount", [1, 8, 2.0], [0, -1, 1.5, "1", True, None, [1]]),
        ("sampleCount", [1, 4096], [0, "many", float("nan"), float("inf")]),
        ("resolutionPercentage", [1, 100, 32767], [0, 32768]),
        ("fps", [1, 24, 23.976], [0, 0.5, "24"]),
        ("tileSize", [1, 2048], [0]),
        ("minimumRam", [1, 64, 1.5], [0]),
        ("outputSettings.compression", [0, 15, 100], [-1, 101]),
        ("outputSettings.quality", [0, 90, 100], [-1, 123]),
        (
            "resolution",
            [[1, 1], [1920, 1080], (64, 64.0)],
            [[1], [1, 2, 3], [0, 1], 1920, ["1", 2]],
        ),
        ("frameRanges", [["7"], ["1-250", "300"]], [[], ["-5"], ["5-1"], ["1-"], ["1-9x2"], "7"]),
        ("denoisingEnabled", [True, False], [1, "true", None]),
        ("notes", ["", "hello"], [5, None]),
        ("outputSettings.colorDepth", ["8", "32"], [8, "9"]),
    ],
)
def test_bounds(name, good, bad):
    assert [fields.problem(name, value) for value in good] == [None] * len(good)
    for value in bad:
        sentence = fields.problem(name, value)
        assert sentence and sentence.startswith(f"{name} takes "), value


@pytest.mark.parametrize(
    "text, name, value",
    [
        ("outputSettings.colorMode=RGB", "outputSettings.colorMode", "RGB"),
        ('outputSettings.colorMode="RGB"', "outputSettings.colorMode", "RGB"),
        ("resolution=[1920,1080]", "resolution", [1920, 1080]),
        ("outputSettings.colorDepth=16", "outputSettings.colorDepth", "16"),
        ("denoisingEnabled=false", "denoisingEnabled", False),
        ("sampleCount = 128", "sampleCount", 128),
        ("fps=24.0", "fps", 24),
        ('frameRanges=["1-10","20"]', "frameRanges", ["1-10", "20"]),
        ("notes=for Anna = the lead", "notes", "for Anna = the lead"),
        ("notes=7", "notes", "7"),
        ("renderEngine=BLENDER_EEVEE", "renderEngine", "BLENDER_EEVEE"),
    ],
)
def test_an_assignment_is_json_or_a_bare_word(text, name, value):
    found, read = fields.parse_assignment(text)
    assert (found, read, type(read)) == (name, value, type(value))


@pytest.mark.parametrize(
    "text, words",
    [
        ("samplecount=1", ["samplecount is not", "Did you mean sampleCount?"]),
        ("quality=90", ["Did you mean outputSettings.quality?"]),
        ("camera=Cam", ["camera is not a Renderjuice render setting"]),
        ("sampleCount=lots", ["sampleCount takes a whole number of at least 1", "'lots'"]),
        ("resolution=1920", ["resolution takes width and height"]),
        ("denoisingEnabled=yes", ["denoisingEnabled takes true or false"]),
        ("outputFormat=GIF", ["outputFormat takes one of PNG, OPEN_EXR"]),
        ("frameRanges=1-10", ['["1-250", "300"]']),
        ("fps=NaN", ["fps takes a number of at least 1"]),
        ("sampleCount", ["FIELD=VALUE"]),
        ("=5", ["FIELD=VALUE"]),
    ],
)
def test_a_wrong_assignment_says_what_the_field_takes(text, words):
    with pytest.raises(fields.FieldError) as error:
        fields.parse_assignment(text)
    assert all(word in str(error.value) for word in words), str(error.value)


@given(st.text())
def test_any_text_is_an_assignment_or_a_field_error(text):
    for line in (text, f"fps={text}", f"frameRanges={text}", f"resolution=[{text},1]"):
        try:
            name, value = fields.parse_assignment(line)
        except fields.FieldError as error:
            assert str(error)
        else:
            assert fields.problem(name, value) is None


def test_nest_and_flatten_are_opposites():
    config = SAMPLE["requestedRenderConfig"]
    assert fields.nest(fields.flatten(config)) == config
    assert fields.nest({"outputSettings.quality": 9}) == {"outputSettings": {"quality": 9}}


def test_the_second_try_has_documented_values_only():
    config = {
        "colorManagementPreset": "aces",
        "frameRanges": ["1-3"],
        "resolution": [64, 64],
        "computeDeviceType": "OPTIX",
        "outputFormat": "OPEN_EXR",
        "outputSettings": {"colorMode": "RGB", "colorDepth": "8", "compression": 15},
        "minimumRam": 8,
        "sampleCount": 4,
    }
    assert fields.documented_only(config) == {
        "colorManagementPreset": "aces",
        "frameRanges": ["1-3"],
        "outputSettings": {"colorDepth": "8", "compression": 15},
        "sampleCount": 4,
    }


def test_importing_the_table_is_cheap_for_blender():
    code = (
        "import runpy, sys; runpy.run_path('bootstrap.py')['provide']();"
        "before = set(sys.modules); import renderjuice.api.fields;"
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    heavy = {"pydantic", "requests", "urllib3", "ssl", "threading", "multiprocessing", "json"}
    assert "renderjuice.api.fields" in done.stdout
    assert not heavy & {name.partition(".")[0] for name in done.stdout.split()}
