"""What a command prints, whatever its names hold and wherever it goes."""

import io

import pytest
from renderjuice.system import streams
from renderjuice.system.streams import Tolerant, one_line


def test_no_control_character_gets_to_the_terminal():
    to = io.StringIO()
    print(
        "\r[##] \x1b[2Jshot\x07\x9b31m日本\ttab",
        end=streams.TO_END_OF_LINE,
        file=Tolerant(to, strict=False),
    )
    assert to.getvalue() == "\r[##] \ufffd[2Jshot\ufffd\ufffd31m日本\ttab\x1b[K"


def test_a_name_is_one_line():
    assert one_line(" evil\x1b]0;a\x07\nJob 1 is finished\t ") == "evil ]0;a Job 1 is finished"


class Full(io.StringIO):
    def write(self, _):
        raise OSError(28, "No space left on device")


def test_only_a_result_may_be_lost_with_an_error():
    assert Tolerant(Full(), strict=False).write("progress") == 8
    with pytest.raises(OSError, match="No space"):
        Tolerant(Full(), strict=True).write("result")
