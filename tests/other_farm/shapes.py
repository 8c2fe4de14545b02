"""Response bodies in every shape that the documentation does not exclude."""

import contextlib
import gzip
import json
from random import Random
from typing import Any

from .habits import ERROR_BODIES, PROGRESS
from .wire import Answer, Request

HTML = b"<!DOCTYPE html><html><head><title>Just a moment</title></head><body>502</body></html>"


def plain(value: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value).encode())


def formed(form: str, answer: Answer) -> Answer:
    """Return the same JSON in another of `JSON_FORMS`."""
    if answer.fault or answer.body[:1] not in (b"{", b"["):
        return answer
    headers, body = answer.headers, answer.body
    if form == "chunked":
        answer.fault = "chunked"
    elif form == "gzip":
        answer.headers, answer.body = {**headers, "Content-Encoding": "gzip"}, gzip.compress(body)
    elif form == "bom":
        answer.body = b"\xef\xbb\xbf" + body
    elif form in ("text", "latin"):
        kinds = {"text": "text/plain", "latin": "application/json; charset=iso-8859-1"}
        answer.headers = {**headers, "Content-Type": kinds[form]}
    elif form in ("spaces", "letters"):
        with contextlib.suppress(ValueError, RecursionError):
            spaces = {"spaces": "  \n\t ", "letters": ""}[form]
            text = json.dumps(json.loads(body), ensure_ascii=False, indent=3 if spaces else None)
            answer.body = f"{spaces}{text}{spaces}".encode()
    return answer


def page(status: int) -> Answer:
    return Answer(status, HTML, {"Content-Type": "text/html"})


def error(rng: Random, kind: str, status: int, words: str, request: Request, url: str) -> Answer:
    """Return an error in a shape of `ERROR_BODIES`; `url` is a signed URL that it may quote."""
    if kind == "any":
        kind = rng.choice(ERROR_BODIES)
    secret = f"{words}: {request.headers.get('authorization')} for {url}&more=1 {'x' * 300} {url}"
    bodies: dict[str, Any] = {
        "message": {"message": words},
        "error": {"error": words},
        "error.message": {"error": {"message": words, "code": 17}},
        "errors": {"errors": [{"message": words, "path": ["a", 0]}, {"message": 5}, None]},
        "errors-texts": {"errors": [words, words]},
        "nothing": b"",
        "text": words.encode(),
        "number": 42,
        "list": [words],
        "null": None,
        "cut-json": b'{"message": "' + words.encode(),
        "detail": {"detail": [{"loc": ["body", "frameRanges"], "msg": words}]},
        "deep": b'{"error":' * 2000 + b"1" + b"}" * 2000,
        "long": {"message": words + " <head" * 4000},
        "quotes-request": {"message": secret, "errors": [secret], "url": url},
        "bytes": bytes(range(256)) * 8,
    }
    if kind == "html":
        return page(status)
    body = bodies[kind]
    if isinstance(body, bytes):
        return Answer(status, body)
    return plain(body, status)


def wrapped(shape: str, job: dict[str, Any], status: int) -> Answer:
    """Return a successful response for a call without a documented response shape."""
    if shape == "204":
        return Answer(204)
    if shape == "text":
        return Answer(status, b"OK", {"Content-Type": "text/plain"})
    shapes: dict[str, Any] = {
        "bare": job,
        "data": {"data": job},
        "job": {"job": job},
        "result": {"success": True, "result": job},
        "null": None,
        "true": True,
        "list": [job],
        "message": {"message": "accepted"},
    }
    if shape == "empty":
        return Answer(status)
    return plain(shapes[shape], status)


def progress(rng: Random, kind: str, done: int, total: int, jobs: list[str]) -> Answer:
    """Return the counters of one job or of all, in one of the shapes of `PROGRESS`."""
    if kind == "any":
        kind = rng.choice(PROGRESS)
    if kind.isdigit():
        return Answer(204) if kind == "204" else page(int(kind))
    job = jobs[0] if jobs else "none"
    other = rng.choice(jobs) if jobs else "none"
    rows = [{"jobId": job, "completed": done, "total": total}]
    shapes: dict[str, Any] = {
        "empty-list": [],
        "empty-object": {},
        "by-status": [
            {"status": "completed", "count": done},
            {"status": "pending", "count": total - done},
        ],
        "by-status-upper": {"COMPLETED": done, "PENDING": total - done, "FAILED": 0},
        "counts": {"completed": done, "total": total},
        "per-job": {job: {"done": done, "total": total} for job in jobs},
        "rows": rows,
        "several-rows": [*rows, {"jobId": job, "completed": 1, "total": 1}, *rows],
        "number": done,
        "fraction": {"progress": done / max(1, total)},
        "percent-text": {"progress": f"{100 * done // max(1, total)}%"},
        "texts": [{"id": job, "framesDone": str(done), "framesTotal": str(total)}],
        "null": None,
        "lies": {"completed": total * 3, "total": total},
        "negative": {"completed": -5, "total": -1},
        "wrapped": {"data": {"jobs": rows}},
        "frames": {"frames": [{"frame": 1, "status": "completed"}], "jobId": other},
    }
    raw = {
        "html": b"<html>",
        "nan": b'{"completed": NaN, "total": Infinity}',
        "huge": b'{"completed": 1' + b"0" * 5000 + b', "total": 1e999}',
        "deep": b"[" * 3000 + b"]" * 3000,
    }
    return Answer(200, raw[kind]) if kind in raw else plain(shapes[kind])


def details(kind: str, config: Any, preview: str) -> dict[str, Any]:
    """Return the members of a Job that may be missing, null, or any JSON."""
    usual: dict[str, Any] = {
        "userId": "3c90c3cc-0d44-4b50-8888-8dd25736052a",
        "rootFolderId": None,
        "normalizedSeconds": 12.5,
        "previewUrl": preview,
        "requestedConfig": config,
        "finalConfig": config,
        "output": {"isDeletedForClient": False},
        "isAnalysisSkipped": False,
        "analysisId": None,
        "analysis": None,
        "sceneFile": None,
    }
    if kind == "missing":
        return {}
    if kind == "null":
        return dict.fromkeys((*usual, "failedReason"))
    deep: Any = 1
    for _ in range(900):
        deep = [deep]
    changes: dict[str, dict[str, Any]] = {
        "plain": {},
        # Members with a documented type keep it.
        "wrong-types": {
            "finalConfig": "cut",
            "requestedConfig": [1],
            "analysis": 7,
            "sceneFile": [],
        },
        "deep": {"finalConfig": deep, "analysis": deep},
        "huge": {
            "analysis": {"log": "x" * 200_000},
            "normalizedSeconds": 1e300,
            "later": [{}] * 999,
        },
    }
    return usual | changes[kind]
