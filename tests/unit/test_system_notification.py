"""The system's own notification: what it is given, and that its absence is no error."""

import os
import sys

import pytest
from renderjuice.jobs import protocol
from renderjuice.system import notification

from tests.farm.running import running_farm
from tests.worker import working


@pytest.fixture(scope="module")
def farm():
    with running_farm(renderer="pattern") as farm:
        yield farm


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_texts_are_never_part_of_a_script(platform):
    title, text = '"; rm -rf ~ #', '-e do shell script "x" $(y) `z`'
    command = notification.command(title, text, platform)
    if platform == "win32":
        assert not any(title in part or text in part for part in command)
        assert command[0].startswith("C:\\"), "not a program of the current folder"
    else:
        assert command[-3:] == ["--", title, text]


def test_a_text_is_one_line_without_control_characters_and_tags():
    text = "a\0b\n\x1b[31mc\u202e \ud800<img src='http://host/'>é…"
    assert notification.plain(text) == "a b [31mc (img src='http://host/')é…"


@pytest.mark.skipif(sys.platform != "linux", reason="notify-send is Linux' command")
def test_a_notification_is_shown_by_the_systems_command(tmp_path, farm, monkeypatch):
    program = tmp_path / "bin" / "notify-send"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > "{tmp_path}/shown"\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    with working(tmp_path, farm) as worker:
        worker.idle(worker.send(protocol.Notify("Renderjuice: shot\n", "3 frames are here.")))
    shown = (tmp_path / "shown").read_text(encoding="utf-8").splitlines()
    assert shown[-3:] == ["--", "Renderjuice: shot", "3 frames are here."]


@pytest.mark.skipif(sys.platform != "linux", reason="notify-send is Linux' command")
def test_a_system_without_notifications_is_no_error(tmp_path, farm, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with working(tmp_path, farm) as worker:
        worker.idle(worker.send(protocol.Notify("Renderjuice: shot", "3 frames are here.")))
    assert "notify-send" in (tmp_path / "worker.log").read_text(encoding="utf-8")
