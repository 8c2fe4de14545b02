"""What is sent is strict, what comes back is read whatever its shape."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from renderjuice.api import fields, models

DATA = Path(__file__).resolve().parents[1] / "data"
BODY = json.loads((DATA / "start-render-body.json").read_text())
RESPONSE = json.loads((DATA / "start-render-response.json").read_text())
LEAST = {"colorManagementPreset": "default"}
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


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


# ---- sent -----------------------------------------------------------------------------------


def test_a_body_of_all_fields_has_exactly_the_keys_of_the_sample():
    flat = {name: good_value(entry) for name, entry in fields.FIELDS.items()}
    assert keys_of(models.render_body(fields.nest(flat))) == keys_of(BODY)


def test_model_and_table_are_equal():
    def flat_names(model, prefix=""):
        for name, member in model.model_fields.items():
            inner = member.annotation
            if hasattr(inner, "model_fields"):
                yield from flat_names(inner, f"{name}.")
            else:
                yield prefix + name

    assert set(flat_names(models.RequestedRenderConfig)) == set(fields.FIELDS)
    for name, entry in fields.FIELDS.items():
        for value, mark in entry.values.items():
            config = LEAST | fields.nest({name: value})
            if mark == "unknown":
                with pytest.raises(ValueError, match="not known whether"):
                    models.render_body(config)
            else:
                sent = models.render_body(config)["requestedRenderConfig"]
                assert fields.flatten(sent)[name] == value
        for bound, beyond in ((entry.minimum, -1), (entry.maximum, 1)):
            if bound is not None and entry.type != "numbers":
                models.render_body(LEAST | fields.nest({name: bound}))
                with pytest.raises(ValueError, match=f"^{name} takes "):
                    models.render_body(LEAST | fields.nest({name: bound + beyond}))


@pytest.mark.parametrize(
    "config, words",
    [
        ({}, "colorManagementPreset is missing"),
        (LEAST | {"camera": "Cam"}, "camera is not a Renderjuice render setting"),
        (LEAST | {"outputSettings": {"dpi": 1}}, "outputSettings.dpi is not a Renderjuice"),
        (LEAST | {"outputSettings": 5}, "outputSettings"),
        (LEAST | {"sampleCount": "4"}, "sampleCount takes a whole number"),
        (LEAST | {"denoisingEnabled": 1}, "denoisingEnabled takes true or false"),
        (LEAST | {"notes": None}, "notes takes a text"),
    ],
)
def test_nothing_else_can_be_sent(config, words):
    with pytest.raises(ValueError) as error:
        models.render_body(config)
    assert words in str(error.value)


def test_the_model_itself_forbids_unknown_fields():
    with pytest.raises(ValidationError):
        models.RequestedRenderConfig(**LEAST, camera="Cam")


def test_whole_numbers_are_sent_without_a_decimal_point():
    config = LEAST | {"gpuCount": 2.0, "fps": 25.0, "resolution": [64.0, 32], "minimumRam": 1.5}
    text = json.dumps(models.render_body(config)["requestedRenderConfig"])
    assert json.loads(text) == config
    assert '"gpuCount": 2,' in text and '"fps": 25,' in text and "[64, 32]" in text
    assert "1.5" in text


# ---- a job ----------------------------------------------------------------------------------


def test_the_documented_response_parses():
    job = models.job(RESPONSE)
    assert (job.id, job.status) == ("123e4567-e89b-12d3-a456-426614174000", "completed")
    assert job.created_at == "2023-11-07T05:31:56Z"
    assert job.normalized_seconds == 123
    assert job.failed_reason and job.failed_reason.type == "<string>"
    assert job.output and job.output.is_deleted_for_client is True
    assert (job.ended, job.replayed) == (True, False)
    dumped = job.model_dump(by_alias=True)
    assert {key: dumped[key] for key in RESPONSE} == RESPONSE


@pytest.mark.parametrize("status", [*fields.STATUSES, "defragmenting"])
def test_every_status_parses_and_only_three_end_a_job(status):
    job = models.job(RESPONSE | {"status": status})
    assert job.status == status
    assert job.ended == (status in ("completed", "failed", "canceled"))


@pytest.mark.parametrize(
    "wrap",
    [
        lambda job: job,
        lambda job: {"data": job},
        lambda job: {"job": job},
        lambda job: {"data": {"job": job}},
    ],
)
def test_a_job_may_be_wrapped(wrap):
    assert models.job(wrap(RESPONSE)).id == RESPONSE["id"]


def test_null_missing_and_strange_members_do_not_hide_a_job():
    bare = models.job({"id": "a-1", "status": "created"})
    nulls = models.job(dict.fromkeys(RESPONSE) | {"id": "a-1", "status": "created"})
    strange = models.job({key: [7] for key in RESPONSE} | {"id": "a-1", "status": "created"})
    assert bare == nulls
    assert strange.normalized_seconds is strange.failed_reason is strange.output is None
    assert strange.requested_config == [7]


def test_a_reason_may_be_a_text_and_unknown_members_are_kept():
    job = models.job({"id": "a", "status": "failed", "failedReason": "No camera", "price": 3})
    assert job.failed_reason and job.failed_reason.name == "No camera"
    assert job.model_extra == {"price": 3}


@pytest.mark.parametrize(
    "said",
    [None, [], {}, "ok", {"id": "a"}, {"id": 5, "status": "x"}, {"id": "../x", "status": "x"}],
)
def test_an_answer_without_a_job_is_unreadable(said):
    with pytest.raises(models.Unreadable):
        models.job(said)


def test_a_page_of_jobs_keeps_the_readable_ones():
    said = {
        "jobs": [RESPONSE, {"nonsense": 1}],
        "pagination": {"page": 2, "pageSize": 2, "total": 5, "totalPages": 3},
    }
    for wrapped in (said, {"data": said}):
        page = models.job_page(wrapped, 2)
        assert [job.id for job in page.jobs] == [RESPONSE["id"]]
        assert (page.page, page.total_pages, page.total, page.unreadable) == (2, 3, 5, 1)


@pytest.mark.parametrize("said", [[RESPONSE], {"data": [RESPONSE]}, {"jobs": [RESPONSE]}])
def test_a_page_may_lack_its_pagination(said):
    page = models.job_page(said, 1)
    assert (len(page.jobs), page.total_pages, page.total) == (1, 1, None)


def test_a_list_that_is_none_is_not_an_empty_list():
    with pytest.raises(models.Unreadable):
        models.job_page({"status": "ok"}, 1)


# ---- progress -------------------------------------------------------------------------------


@pytest.mark.parametrize("said", [[], {}, None, {"data": []}, {"data": {}}, {"progress": []}, ""])
def test_no_progress_when_nothing_runs(said):
    assert models.progress(said, "a") is None


@pytest.mark.parametrize(
    "said, done, total, fraction",
    [
        ({"completed": 3, "total": 12}, 3, 12, 0.25),
        ({"framesCompleted": 3, "totalFrames": 12}, 3, 12, 0.25),
        ({"rendered_frames": 3, "frame_count": 12}, 3, 12, 0.25),
        ({"numFramesDone": 3, "numFrames": 12}, 3, 12, 0.25),
        ({"frames": {"done": 3, "total": 12}, "tiles": {"done": 9, "total": 9}}, 3, 12, 0.25),
        ({"data": {"finished": 3, "queued": 7, "rendering": 2}}, 3, 12, 0.25),
        (
            [{"jobId": "b", "done": 9, "total": 9}, {"jobId": "a", "done": 3, "total": 12}],
            3,
            12,
            0.25,
        ),
        ([{"frame": 1, "status": "completed"}, {"frame": 2, "status": "queued"}], 1, 2, 0.5),
        ({"a": {"done": 3, "total": 12}}, 3, 12, 0.25),
        ({"id": "a", "progress": {"done": 3, "total": 12}}, 3, 12, 0.25),
        ({"percentage": 25}, None, None, 0.25),
        ({"progress": 0.25}, None, None, 0.25),
        ({"progress": 25}, None, None, 0.25),
        ({"completed": 3, "failed": 0}, 3, None, None),
        ({"completed": 3, "total": 0}, 3, 0, None),
        ({"completed": 13, "total": 12}, 13, 12, 1.0),
        ({"completed": -1, "total": 12}, 0, 12, 0.0),
        ({"phase": "warming up"}, None, None, None),
        ({"completed": True, "total": "12"}, None, None, None),
    ],
)
def test_progress_by_any_name(said, done, total, fraction):
    read = models.progress(said, "a")
    assert read is not None
    assert (read.done, read.total, read.fraction) == (done, total, fraction)


@pytest.mark.parametrize(
    "said",
    [
        [{"jobId": "a", "done": 1, "total": 4}, {"jobId": "b", "done": 2, "total": 4}],
        {"a": {"done": 1, "total": 4}, "b": {"done": 2, "total": 4}},
        {"data": {"a": {"done": 1, "total": 4}, "b": {"done": 2, "total": 4}}},
        {
            "jobs": [
                {"id": "a", "progress": {"done": 1, "total": 4}},
                {"id": "b", "done": 2, "total": 4},
            ]
        },
        {"progress": {"a": [{"done": 1, "total": 4}], "b": {"done": 2, "total": 4}}, "page": 1},
        [
            {"job": {"id": "a"}, "done": 1, "total": 4},
            {"job": "b", "done": 2, "total": 4},
            {"id": "c"},
        ],
    ],
)
def test_progress_of_all_jobs_in_any_shape(said):
    read = models.all_progress(said)
    assert {key: one.fraction for key, one in read.items() if one.fraction} == {"a": 0.25, "b": 0.5}


@pytest.mark.parametrize("said", [[], {}, None, {"data": []}, {"jobs": []}])
def test_nothing_runs_at_all(said):
    assert models.all_progress(said) == {}


# ---- downloads ------------------------------------------------------------------------------

EMPTY = {"frames": [], "compositeNodes": [], "transforms": {}}


def told(said):
    found = models.downloads(said)
    return [(one.kind, one.file_name, one.url) for one in found.outputs]


def test_no_outputs_yet():
    for said in (
        EMPTY,
        {},
        [],
        None,
        {"data": EMPTY},
        EMPTY | {"frames": None, "transforms": None},
    ):
        assert models.downloads(said) == models.Downloads([])


def test_the_new_lists_come_before_the_legacy_ones():
    frame = {
        "url": "https://s/1?x=1",
        "fileName": "0001.png",
        "view": "left",
        "relativePath": "a/b",
    }
    node = {
        "url": "https://s/2",
        "fileName": "d1.exr",
        "compositeNodeName": "Depth",
        "legacy": None,
    }
    said = EMPTY | {
        "frames": ["https://s/old/0001.png"],
        "compositeNodes": ["https://s/old/d1.exr"],
        "transforms": {"framesZip": "https://s/z.zip", "video": {"url": "https://s/v.mp4"}},
        "frameOutputs": [frame],
        "compositeNodeOutputs": [node],
    }
    first, second, video = models.downloads(said).outputs
    assert first == models.OutputFile("https://s/1?x=1", "0001.png", "a/b", "left", "", "frame")
    assert second == models.OutputFile("https://s/2", "d1.exr", "", "", "Depth", "compositeNode")
    assert (video.kind, video.file_name) == ("video", "v.mp4")


def test_legacy_lists_are_named_by_their_urls():
    said = EMPTY | {"frames": ["https://s/p/sh%20ot_0001.png?sig=a/b"], "frameOutputs": []}
    assert told(said) == [("frame", "sh ot_0001.png", "https://s/p/sh%20ot_0001.png?sig=a/b")]


def test_a_zip_stands_in_for_frames_that_are_not_listed():
    zip_file = {"url": "https://s/1", "fileName": "frames.zip"}
    said = EMPTY | {"transforms": {"framesZipOutputs": zip_file, "framesZip": "https://s/old.zip"}}
    assert told(said) == [("zip", "frames.zip", "https://s/1")]
    assert told(EMPTY | {"transforms": {"framesZip": "https://s/f.zip"}}) == [
        ("zip", "f.zip", "https://s/f.zip")
    ]


def test_outputs_without_a_url_are_counted():
    said = EMPTY | {"frameOutputs": [{"fileName": "1.png"}, {"url": "https://s/2.png"}, None]}
    found = models.downloads(said)
    assert ([one.file_name for one in found.outputs], found.without_url) == (["2.png"], 1)
    found = models.downloads(EMPTY | {"frameOutputs": [{"fileName": "1.png"}]})
    assert (found.outputs, found.without_url) == ([], 1)


def test_an_object_that_lists_nothing_known_is_not_an_empty_list():
    with pytest.raises(models.Unreadable):
        models.downloads({"status": "ok"})


@given(ANY_JSON)
def test_any_json_is_read_or_unreadable(said):
    models.progress(said, "a")
    models.all_progress(said)
    nested = {"data": said, "frames": said, "frameOutputs": said, "transforms": {"video": said}}
    for read in (models.job, models.upload_target, models.downloads):
        for shape in (said, nested):
            with suppress(models.Unreadable):
                read(shape)
    for page in (said, {"jobs": said, "pagination": said}):
        with suppress(models.Unreadable):
            models.job_page(page, 1)
