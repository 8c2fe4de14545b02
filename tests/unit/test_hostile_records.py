"""A manipulated or damaged record affects only its own job; all other jobs are still shown."""

import json
import os

import pytest
from renderjuice.jobs import codec
from renderjuice.jobs import record as rec
from renderjuice.jobs.record import DamagedRecord
from renderjuice.jobs.snapshot import document, snapshot
from renderjuice.jobs.store import Store


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path)
    for title in ("before", "after"):
        store.save(rec.new(title, "here", str(tmp_path)))
    return store


def damaged(store, text: str) -> list[str]:
    """The error messages of damaged records; checks that the others can be loaded and shown."""
    (store.folder / "0000damaged0.json").write_text(text, encoding="utf-8")
    read = list(store.read_all())
    good = [one for one in read if not isinstance(one, DamagedRecord)]
    json.dumps([[codec.plain(snapshot(one)), document(one)] for one in good], allow_nan=False)
    for one in good:
        store.save(one)
    assert {"before", "after"} <= {one.title for one in good}
    return [str(one) for one in read if isinstance(one, DamagedRecord)]


def record_with(text: str, member: str = "config") -> str:
    """A record with this JSON as the value of a member, or as the farm's final config."""
    whole = rec.new("damaged", "here", "/out").to_json() | {"id": "0000damaged0"}
    if member == "final_config":
        whole["farm"]["final_config"] = "@"
    else:
        whole[member] = "@"
    return json.dumps(whole).replace('"@"', text)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        "[" * 900 + "]" * 900,
        "9" * 10_000,
        "-" * 10_000,
        '"' + "\\" * 9_999,
        "",
        "\0" * 4096,
        "NaN",
        "null",
        '{"schema": 1}',
        '{"schema": 1e400, "id": 5}',
        '{"schema": true}',
        '{"schema": -1, "id": {}}',
    ],
)
def test_what_is_no_record(store, text):
    (why,) = damaged(store, text)
    assert "0000damaged0.json" in why and len(why) < 1000


@pytest.mark.parametrize("member", ["config", "applied", "final_config", "error", "package", "new"])
@pytest.mark.parametrize("depth", [20, 300, 900, 50_000])
def test_a_record_that_is_nested_deep(store, member, depth):
    """Regression: such a record was read, but could not be shown or saved."""
    damaged(store, record_with('{"a":' * depth + "1" + "}" * depth, member))
    damaged(store, record_with("[" * depth + "1" + "]" * depth, member))


@pytest.mark.parametrize("member", ["final_config", "config", "missing", "frame_seconds", "new"])
@pytest.mark.parametrize(
    "text",
    [
        *("9" * 4301, "[" + "9" * 4301 + "]", '{"a":' + "9" * 4301 + "}"),
        *("1e999", '{"a": 1e999}', "NaN", '{"a": Infinity}'),
        *('{"sampleCount": ' + "9" * 4000 + "}", '"\\ud800"', '{"\\udfff": 1}'),
    ],
)
def test_a_record_with_numbers_and_letters_that_there_are_not(store, member, text):
    damaged(store, record_with(text, member))


def test_a_record_that_is_larger_than_any_is_not_read(store):
    path = store.folder / "0000damaged0.json"
    path.touch()
    os.truncate(path, 2**40)
    with pytest.raises(DamagedRecord, match="larger than"):
        store.load("0000damaged0")
    assert len(list(store.read_all())) == 3


def test_a_record_of_a_day_of_frames_is_read(store):
    record = rec.new("long", "here", "/out")
    record.files = {f"render/view_left/shot_{n:06}.exr": 123_456_789 for n in range(100_000)}
    store.save(record)
    assert len(store.load(record.id).files) == 100_000
