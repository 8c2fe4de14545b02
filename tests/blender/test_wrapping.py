"""Messages are wrapped to the width of a panel, even if the text has no spaces."""

import pytest

pytest.importorskip("bpy", reason="bpy is not installed for this Python")

import blf
from renderjuice.panels import text
from renderjuice.translations import texts

ROOM, POINTS = 160.0, 11.0
NEVER_FIRST = "、。」』)ー・ゃゅょっァィゥェォャュョッ"


@pytest.mark.parametrize("language", ["de", "ja"])
def test_every_text_fits_and_nothing_of_it_is_lost(language):
    blf.size(0, POINTS)
    for said in texts(language).values():
        lines = text.lines_of(said, ROOM, POINTS)
        assert "".join("".join(lines).split()) == "".join(said.split())
        assert [line for line in lines if blf.dimensions(0, line)[0] > ROOM] == []


def test_a_japanese_line_is_filled_and_begins_with_no_full_stop():
    many = [said for said in texts("ja").values() if "\n" not in said]
    for said in many:
        first, *others = text.lines_of(said, ROOM, POINTS)
        assert not [line for line in others if line[0] in NEVER_FIRST]
        word = text.words_of(said)[0].rstrip()
        assert not others or len(first) > 8 or len(word) > len(first) - 8, said


def test_where_a_line_may_end():
    assert text.words_of("Open it /a/b c") == ["Open ", "it ", "/a/b ", "c"]
    assert text.words_of("ファ、(例: 1)Blenderを「開く」。") == [
        *("ファ、", "(例: ", "1)Blender", "を", "「開", "く」。")
    ]


def test_one_more_is_never_counted():
    assert [text.named(count, 3) for count in (0, 3, 4, 5, 100)] == [0, 3, 4, 3, 3]


def test_the_first_sentence_says_what_is_wrong():
    assert text.sentences("It is 1.5 GiB. Make it less. Now.") == [
        *("It is 1.5 GiB.", "Make it less. Now."),
    ]
    assert text.sentences("動画です。画像を選びます。") == ["動画です。", "画像を選びます。"]
    assert text.sentences("One: a.png") == ["One: a.png"]
