"""The storage: uploads and outputs at signed URLs, and the faults of its responses."""

import gzip
import hashlib
import time
from typing import TYPE_CHECKING

from .habits import stream
from .outputs import Output
from .pictures import jpeg, png
from .shapes import HTML, page, plain
from .wire import Answer, Request

if TYPE_CHECKING:
    from .farm import Farm

DENIED = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>%s</Message>'
    b"<RequestId>4442587FB7D0A2F9</RequestId></Error>"
)


def denied(status: int, words: bytes = b"Request has expired") -> Answer:
    return Answer(status, DENIED % words, {"Content-Type": "application/xml"})


def put(farm: "Farm", request: Request) -> Answer:
    """Handle `PUT uploadUrl`."""
    slug = request.path.rpartition("/")[2]
    if slug not in farm.uploads or not farm.signed(request):
        return denied(403)
    habit = "ok" if farm.calm else farm.habits.put
    first = farm.count("put") == 1
    if first and habit in ("403-once", "500-once"):
        return denied(int(habit[:3]))
    if first and habit == "reset":
        return Answer(fault="mute")
    farm.uploads[slug] = request.body
    if first and habit == "lost":
        return Answer(fault="mute")
    status = int(habit) if habit.isdigit() else 200
    return Answer(status, delay=0.2 if habit == "slow" else 0)


def get(farm: "Farm", request: Request) -> Answer:
    """Handle a GET or HEAD of an output."""
    if request.path.startswith("/moved/"):
        request.target = request.target.replace("/moved", "", 1)
    parts = request.path.split("/")
    job = farm.jobs.get(parts[2]) if len(parts) > 5 and parts[1] == "outputs" else None
    if job is None:
        return denied(404, b"The specified key does not exist.")
    if not farm.signed(request):
        return denied(403)
    output = job.outputs[int(parts[3])]
    number, body = output.body()
    if not farm.habits.same_url:
        body = output.versions[min(int(parts[4]), number)][1]
    if request.method == "HEAD":
        return head(farm, body)
    output.gets += 1
    fault = fault_of(farm, output)
    return broken(farm, request, fault, body) if fault else whole(farm, request, body)


def fault_of(farm: "Farm", output: Output) -> str:
    """Return the fault for this GET of an output, or an empty string."""
    rng = stream(farm.habits.seed, f"object {output.kind} {output.index}")
    picture = output.name.endswith((".png", ".jpg", ".tif", ".exr"))
    if farm.calm or rng.random() >= farm.habits.object_fault or not picture:
        return ""  # a truncated text file cannot be detected
    return rng.choice(farm.habits.object_faults) if output.gets <= farm.habits.fault_times else ""


def etag(farm: "Farm", body: bytes) -> dict[str, str]:
    digest = hashlib.md5(body, usedforsecurity=False).hexdigest()
    tags = {
        "strong": f'"{digest[:12]}-1"',
        "md5": f'"{digest}"',
        "weak": f'W/"{digest}"',
        "same": '"always"',
    }
    tag = tags.get(farm.habits.etag)
    return {"ETag": tag} if tag else {}


def head(farm: "Farm", body: bytes) -> Answer:
    habit = "200" if farm.calm else farm.habits.head
    if habit.isdigit() and habit != "200":
        return denied(int(habit))
    return Answer(200, body, etag(farm, body), fault="open" if habit == "no-length" else "")


def whole(farm: "Farm", request: Request, body: bytes) -> Answer:
    """Return the object, or the requested range of it."""
    headers = {"Content-Type": "image/png", "Accept-Ranges": "bytes", **etag(farm, body)}
    length = "" if farm.calm or farm.habits.length == "given" else farm.habits.length
    wanted = request.headers.get("range", "")
    condition = request.headers.get("if-range")
    if not wanted.startswith("bytes=") or farm.habits.ranges == "200":
        return Answer(200, body, headers, fault=length)
    if condition and condition != headers.get("ETag"):
        return Answer(200, body, headers, fault=length)
    first, _, last = wanted[6:].partition("-")
    start = int(first) if first else max(0, len(body) - int(last))
    end = min(int(last), len(body) - 1) if first and last else len(body) - 1
    if start >= len(body) or farm.habits.ranges == "416":
        return Answer(416, b"", {"Content-Range": f"bytes */{len(body)}"})
    if farm.habits.ranges == "wrong" and not farm.calm:
        start = max(0, start - 3)
    headers["Content-Range"] = f"bytes {start}-{end}/{len(body)}"
    return Answer(206, body[start : end + 1], headers)


def broken(farm: "Farm", request: Request, fault: str, body: bytes) -> Answer:
    """Return the response for an object with a fault from `OBJECT_FAULTS`."""
    image = {"Content-Type": "image/png", **etag(farm, body)}
    if fault == "400-xml" or (fault.isdigit() and int(fault) >= 400):
        return denied(int(fault[:3]), b"The specified key does not exist.")
    if fault in (
        "reset",
        "cut",
        "mute",
        "short",
        "open",
        "long",
        "less",
        "chunked-cut",
        "drip",
        "chunked",
    ):
        return Answer(200, body, image, fault)
    moved = f"/moved{request.target}"
    framed = b"%x;chunk-signature=%s\r\n%s\r\n0\r\n\r\n" % (len(body), b"0" * 64, body)
    answers = {
        "html": page(200),
        "html-as-image": Answer(200, HTML, image),
        "zero": Answer(200, b"", image),
        "zero-no-length": Answer(200, b"", image, "open"),
        "redirect": Answer(302, b"", {"Location": farm.storage_url + moved}),
        "redirect-loop": Answer(302, b"", {"Location": farm.storage_url + request.target}),
        "redirect-away": Answer(302, b"", {"Location": farm.api_url + "/jobs/stolen"}),
        "302-nowhere": Answer(302),
        "gzip": Answer(200, gzip.compress(body), {**image, "Content-Encoding": "gzip"}),
        "aws-chunked": Answer(200, body, {**image, "Content-Encoding": "aws-chunked"}),
        "aws-chunked-framed": Answer(200, framed, {**image, "Content-Encoding": "aws-chunked"}),
        "json": plain({"error": "internal", "time": time.time()}),
        "204": Answer(204),
        "206": Answer(206, body, image),
        "wrong-format": Answer(200, (png if body[:2] == b"\xff\xd8" else jpeg)("wrong"), image),
    }
    return answers[fault]
