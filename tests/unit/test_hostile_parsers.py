"""Parsers of untrusted data: for any input, they take little time and memory."""

import json
import os
import struct
import time
import tracemalloc
from contextlib import suppress
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from renderjuice.api import fields
from renderjuice.frames import ranges
from renderjuice.jobs import protocol, worker_events
from renderjuice.jobs.protocol import ReceivedEvent
from renderjuice.packing import sequences, usd
from renderjuice.session.worker_process import Link

from tests.worker import working

LONG = 2**18


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("random")


def write(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return str(path)


def soon(call, *arguments, seconds=2.0, megabytes=200):
    tracemalloc.start()
    begun = time.process_time()
    try:
        return call(*arguments)
    finally:
        taken = time.process_time() - begun
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert taken < seconds
        assert peak < megabytes * 2**20


# ---- USD ----------------------------------------------------------------------------------------


def crate(tokens: bytes, size: int | None = None) -> bytes:
    """A USD crate file whose table of tokens is this compressed block."""
    head = usd.CRATE + bytes(8) + struct.pack("<q", 24)
    table = struct.pack("<Q16sq", 1, b"TOKENS", 24 + 8 + 32)
    table = table.ljust(40, b"\0")
    size = 2**24 if size is None else size
    return head + table + struct.pack("<QQQ", 1, size, len(tokens)) + tokens


def literal(text: bytes) -> bytes:
    """The text as one LZ4 sequence of literals, in one chunk."""
    length = bytes([min(15, len(text)) << 4])
    rest = len(text) - 15
    while rest >= 0:
        length += bytes([min(255, rest)])
        rest -= 255
    return b"\0" + length + text


def test_a_crate_made_by_hand_is_read(folder):
    (folder / "b.usd").touch()
    path = write(folder / "a.usdc", crate(literal(b"x\0./b.usd\0")))
    assert usd.layers(path) == [path, str(folder / "b.usd")]


def test_matches_that_overlap_what_they_write(folder):
    assert usd.lz4(b"\x25ab\x02\0\x10c") == b"ab" + b"ababababa" + b"c"
    assert usd.lz4(b"\x10a\x01\0" + b"\x10b") == b"aaaaa" + b"b"


@settings(max_examples=1000, deadline=None)
@given(st.binary(max_size=200), st.integers(-(2**63), 2**63 - 1), st.booleans())
@example(b"\0\x1fa\x01\0" + b"\xff" * LONG + b"\0", 24, True)  # 256 MiB of one letter
@example(b"\0" + b"\x10a\x01\0" * (LONG // 4), 24, True)
@example(b"\x7f" + struct.pack("<i", 4) * LONG, 24, True)
@example(b"\0" + b"\x1f" + b"\xff" * LONG, 24, True)
def test_any_crate_is_read_soon(folder, tokens, contents, whole):
    data = crate(tokens)
    if not whole:
        data = data[:16] + struct.pack("<q", contents) + tokens
    path = write(folder / "random.usdc", data)
    assert soon(usd.layers, path, seconds=20)[0] == path


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([b"@", b"@@@", b"a.usd", b"\n", b"\0", b"../", b"\xff"])))
@example([b"@" * LONG])
@example([b"@" * LONG, b"\n"] * 4)
@example([b"@a" * LONG])
def test_any_text_layer_is_read_soon(folder, pieces):
    path = write(folder / "random.usda", b"#usda 1.0\n" + b"".join(pieces))
    assert soon(usd.layers, path)[0] == path


def test_a_layer_names_layers_only(folder):
    for name in ("id_rsa", "passwd.txt", "other.usda"):
        (folder / name).write_text("x", encoding="utf-8")
    text = "#usda 1.0\n@id_rsa@ @./passwd.txt@ @/etc/passwd@ @@@other.usda@@@"
    path = write(folder / "names.usda", text.encode())
    assert usd.layers(path) == [path, str(folder / "other.usda")]


# ---- OSL ----------------------------------------------------------------------------------------


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                b"#",
                b"include",
                b" ",
                b"\n",
                b"<",
                b'"',
                b"a.h",
                b"../",
                b"/dev/zero",
                b"\0",
                b"\xff",
            ]
        )
    )
)
@example([b"\n" * LONG])
@example([b"#include <\n" * (LONG // 10)])
@example([b"#include " + b" " * LONG])
@example([b"# " * LONG])
def test_any_script_is_read_soon(folder, pieces):
    path = write(folder / "random.osl", b"".join(pieces))
    assert soon(sequences.with_includes, path)[0] == path


def test_a_script_names_shaders_only(folder):
    """A script may come from others, and the files that it includes are uploaded."""
    for name in ("id_rsa", "tint.h", "more.osl"):
        (folder / name).write_text("x", encoding="utf-8")
    text = '#include "id_rsa"\n#include "/etc/passwd"\n # include <tint.h>\n#include "more.osl"\n'
    path = write(folder / "names.osl", text.encode())
    found = sequences.with_includes(path)
    assert found == [path, str(folder / "tint.h"), str(folder / "more.osl")]


def test_a_script_that_never_ends_is_not_read_to_its_end(folder):
    path = folder / "long.osl"
    path.touch()
    os.truncate(path, 2**32)
    assert soon(sequences.with_includes, str(path), seconds=10) == [str(path)]


# ---- folders that are packed as a whole ---------------------------------------------------------


@pytest.mark.posix("links need a privilege on Windows")
def test_links_and_pipes_in_a_folder_that_travels_whole(tmp_path):
    home, secret = tmp_path / "bake", tmp_path / "secret"
    (home / "deep").mkdir(parents=True)
    secret.mkdir()
    (secret / "id_rsa").write_text("secret", encoding="utf-8")
    (home / "deep/1.bobj").write_text("1", encoding="utf-8")
    (home / "2.bobj").symlink_to(home / "deep/1.bobj")
    (home / "key").symlink_to(secret / "id_rsa")
    (home / "all").symlink_to(secret)
    (home / "gone").symlink_to(tmp_path / "gone")
    os.mkfifo(home / "pipe")
    inside, leading_out = sequences.files_below(str(home))
    assert inside == [str(home / "2.bobj"), str(home / "deep/1.bobj")]
    assert leading_out == [str(home / name) for name in ("all", "gone", "key")]


@pytest.mark.posix("links need a privilege on Windows")
def test_a_folder_that_is_a_link_itself_travels(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk/1.bobj").write_text("1", encoding="utf-8")
    (tmp_path / "bake").symlink_to(tmp_path / "disk")
    assert sequences.files_below(str(tmp_path / "bake")) == ([str(tmp_path / "bake/1.bobj")], [])


# ---- the pipe between Blender and the worker ----------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


def heard(folder, said: bytes) -> list[ReceivedEvent]:
    """The events that Blender receives from a worker that writes `said`."""
    path = folder / "said"
    path.write_bytes(said)
    shell = ["sh", "-c", f"cat {path}; cat >/dev/null; :"]
    link = Link(shell, protocol.WorkerConfig("", "", "", "", 1), folder / "worker.log")
    try:
        events = []
        end = time.monotonic() + 60
        while time.monotonic() < end and worker_events.Idle(1) not in events:
            link.wait(0.05)
            events += link.receive()
        return events
    finally:
        link.close()


@pytest.mark.posix("a shell plays the worker")
@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=20) | JSON.map(lambda j: json.dumps(j).encode()), max_size=5))
@example([b"[" * 100_000, b'{"a":' * 50_000])
@example([b"9" * 10_000])
@example([b'{"kind":"jobs","changes":[{"id":"a","members":{"stage":"dreaming","title":7}}]}'])
def test_whatever_a_worker_says_the_rest_is_heard(folder, lines):
    reply, idle = worker_events.Reply(7), worker_events.Idle(1)
    said = b"\n".join([*lines, b""]) + protocol.encode(reply) + protocol.encode(idle)
    assert heard(folder, said)[-2:] == [reply, idle]


@pytest.fixture(scope="module")
def worker(tmp_path_factory):
    class Nowhere:
        api_url, key = "http://127.0.0.1:9/v1", "RJ-NOWHERE"

    with working(tmp_path_factory.mktemp("state"), Nowhere, time_scale=0.03) as running:
        yield running


COMMANDS = [command.kind for command in get_args(protocol.Command)]


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=30)
    | JSON.map(lambda said: json.dumps(said).encode())
    | st.builds(
        lambda kind, job, extra: json.dumps({"kind": kind, "job": job, **extra}).encode(),
        st.sampled_from(COMMANDS) | JSON,
        JSON,
        st.dictionaries(st.sampled_from(["until", "key", "output", "farm", "folder"]), JSON),
    )
)
@example(b"[" * 100_000)
@example(b"9" * 10_000)
@example(b'{"kind":"resume","until":"dreaming"}')
def test_whatever_a_worker_is_told_it_goes_on(worker, line):
    worker.link.write(line.replace(b"\n", b" ") + b"\n")
    worker.wait(lambda: not worker.link.unread_seconds)
    assert worker.reply(worker.send(protocol.Cancel("no such job"))).error
    assert worker.link.alive


# ---- input from artists -------------------------------------------------------------------------


@settings(max_examples=1000)
@given(st.text(max_size=30) | st.from_regex(r"[-0-9, x]{0,30}"))
@example("1-" + "9" * 5000)
@example("0-99999999999999")
@example("1," * 10_000)
def test_any_text_is_frames_or_refused(text):
    with suppress(ValueError):
        assert soon(ranges.parse, text, seconds=10) == sorted(set(ranges.parse(text)))


@settings(max_examples=1000)
@given(
    st.sampled_from([*fields.FIELDS, "", "nothing", "outputSettings"]),
    st.text(max_size=20) | JSON.map(json.dumps) | st.just("[" * 100_000) | st.just("9" * 5000),
)
def test_any_assignment_is_a_value_or_refused(name, value):
    with suppress(ValueError):
        found, read = fields.parse_assignment(f"{name}={value}")
        assert found in fields.FIELDS
        json.dumps(read)
