"""Responses of any shape are parsed."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from renderjuice.api import fields, responses
from renderjuice.api.output_file import OutputFile
from renderjuice.api.progress import all_progress, progress

DATA = Path(__file__).resolve().parents[1] / "data"
RESPONSE = json.loads((DATA / "start-render-response.json").read_text(encoding="utf-8"))
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


# ---- a job ----------------------------------------------------------------------------------


def test_the_documented_response_parses():
    job = responses.job(RESPONSE)
    assert (job.id, job.status) == ("123e4567-e89b-12d3-a456-426614174000", "completed")
    assert job.normalized_seconds == 123
    assert job.failed_reason and job.failed_reason.type == "<string>"
    assert job.output and job.output.is_deleted_for_client is True
    assert job.final_config == RESPONSE["finalConfig"]
    assert job.ended


@pytest.mark.parametrize("status", [*fields.STATUSES, "defragmenting"])
def test_every_status_parses_and_only_three_end_a_job(status):
    job = responses.job(RESPONSE | {"status": status})
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
    assert responses.job(wrap(RESPONSE)).id == RESPONSE["id"]


def test_null_missing_and_strange_members_do_not_hide_a_job():
    bare = responses.job({"id": "a-1", "status": "created"})
    nulls = responses.job(dict.fromkeys(RESPONSE) | {"id": "a-1", "status": "created"})
    strange = responses.job({key: [7] for key in RESPONSE} | {"id": "a-1", "status": "created"})
    assert bare == nulls
    assert strange.normalized_seconds is strange.failed_reason is strange.output is None
    assert strange.final_config == [7]


def test_a_reason_may_be_a_text():
    job = responses.job({"id": "a", "status": "failed", "failedReason": "No camera", "price": 3})
    assert job.failed_reason and job.failed_reason.name == "No camera"


@pytest.mark.parametrize(
    "said",
    [None, [], {}, "ok", {"id": "a"}, {"id": 5, "status": "x"}, {"id": "../x", "status": "x"}],
)
def test_an_answer_without_a_job_is_unreadable(said):
    with pytest.raises(responses.InvalidResponse):
        responses.job(said)


def test_a_page_of_jobs_keeps_the_readable_ones():
    said = {
        "jobs": [RESPONSE, {"nonsense": 1}],
        "pagination": {"page": 2, "pageSize": 2, "total": 5, "totalPages": 3},
    }
    for wrapped in (said, {"data": said}):
        page = responses.job_page(wrapped)
        assert [job.id for job in page.jobs] == [RESPONSE["id"]]
        assert page.total_pages == 3


@pytest.mark.parametrize("said", [[RESPONSE], {"data": [RESPONSE]}, {"jobs": [RESPONSE]}])
def test_a_page_may_lack_its_pagination(said):
    page = responses.job_page(said)
    assert (len(page.jobs), page.total_pages) == (1, 1)


def test_a_list_that_is_none_is_not_an_empty_list():
    with pytest.raises(responses.InvalidResponse):
        responses.job_page({"status": "ok"})


# ---- downloads ------------------------------------------------------------------------------

EMPTY = {"frames": [], "compositeNodes": [], "transforms": {}}


def told(said):
    found = responses.downloads(said)
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
        assert responses.downloads(said) == responses.Downloads([])


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
    first, second, video = responses.downloads(said).outputs
    assert first == OutputFile("https://s/1?x=1", "0001.png", "a/b", "left", "", "frame")
    assert second == OutputFile("https://s/2", "d1.exr", "", "", "Depth", "compositeNode")
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


def test_outputs_without_a_url_are_kept_apart():
    said = EMPTY | {"frameOutputs": [{"fileName": "1.png"}, {"url": "https://s/2.png"}, None]}
    found = responses.downloads(said)
    assert [one.file_name for one in found.outputs] == ["2.png"]
    assert [one.file_name for one in found.without_url] == ["1.png"]
    found = responses.downloads(EMPTY | {"frameOutputs": [{"fileName": "1.png"}]})
    assert found.outputs == []
    assert [one.file_name for one in found.without_url] == ["1.png"]


def test_an_object_that_lists_nothing_known_is_not_an_empty_list():
    with pytest.raises(responses.InvalidResponse):
        responses.downloads({"status": "ok"})


@given(ANY_JSON)
def test_any_json_is_read_or_unreadable(said):
    progress(said, "a")
    all_progress(said)
    nested = {"data": said, "frames": said, "frameOutputs": said, "transforms": {"video": said}}
    for read in (responses.job, responses.upload_target, responses.downloads):
        for shape in (said, nested):
            with suppress(responses.InvalidResponse):
                read(shape)
    for page in (said, {"jobs": said, "pagination": said}):
        with suppress(responses.InvalidResponse):
            responses.job_page(page)
