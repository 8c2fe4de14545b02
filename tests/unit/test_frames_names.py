"""Where the farm's files go: the names are the server's, so hostile."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from renderjuice.frames import names
from renderjuice.system.names import alike, length

from tests.outputs import output


@given(st.text(), st.text(), st.text())
def test_no_name_leaves_the_folder(name, path, view):
    place = names.place(output(name, path=path, view=view))
    root = Path("/home/anna/frames")
    inside = Path(f"{root}/{place}")
    assert ".." not in inside.parts
    assert inside.is_relative_to(root)
    assert inside != root


def test_two_files_of_one_name_both_come_home():
    found = names.places([output("a.png"), output("A.png"), output("a.png"), output("a (2).png")])
    assert len({name.casefold() for name in found}) == 4


def test_views_and_folders_are_kept():
    assert names.place(output("0001.png", path="beauty/", view="left")) == "beauty/left/0001.png"
    assert names.place(output("0001_L.png", view="_L")) == "0001_L.png"


def test_a_node_s_files_get_its_folder_where_the_farm_names_none():
    mist = output("0001.png", node="Mist", kind="compositeNode")
    deep = output("0001.png", node="Mist", path="deep/", kind="compositeNode")
    named = output("0001.png", node="Mist", path="out/Mist", kind="compositeNode")
    places = ["0001.png", "Mist/0001.png", "Mist/deep/0001.png", "out/Mist/0001.png"]
    assert names.places([output("0001.png"), mist, deep, named]) == places


@pytest.mark.parametrize(
    ("path", "name"), [(".git", "config"), ("a/.git/hooks", "post-checkout"), ("", ".htaccess")]
)
def test_no_part_of_a_place_begins_with_a_dot(path, name):
    hostile = output(name, path=path, node=".ssh", view=".config")
    assert not any(part.startswith(".") for part in names.place(hostile).split("/"))


def test_a_name_of_blender_s_own_eye_needs_no_folder():
    assert names.place(output("shot_0001_L.png", view="left")) == "shot_0001_L.png"
    assert names.place(output("LARGE_0001.png", view="L")) == "L/LARGE_0001.png"


@pytest.mark.parametrize("room", [32, 60, 200, 1000])
def test_no_place_is_longer_than_the_platform_takes(room):
    long = output("y" * 150 + "0001.png", path="/".join(["x" * 90] * 12), node="n" * 300)
    found = names.places([long] * 20, room)
    assert len({alike(name) for name in found}) == 20
    assert all(length(name) <= room for name in found)
    assert all(name.endswith(".png") for name in found)
    assert names.place(long, room).endswith("0001.png")


def test_names_that_differ_in_case_form_or_spelling_come_to_different_places():
    spellings = ["STRASSE.png", "straße.png", "ﬁlm.png", "FILM.png", "\xe9.png", "E\u0301.png"]
    found = names.places([output(name) for name in spellings])
    assert len({alike(name) for name in found}) == len(spellings)


def test_a_path_is_made_of_places_only(tmp_path):
    assert names.below(tmp_path, "a/b (2).png") == tmp_path / "a" / "b (2).png"
    for place in ("../x", "/etc/passwd", "a//b", "", ".git/config", "C:/x", "a\\b", "nul.txt"):
        with pytest.raises(AssertionError):
            names.below(tmp_path, place)


OUTPUTS = st.builds(
    output,
    st.text(max_size=8) | st.text(alphabet="aA. /:~1ßsS\u0301\u200d", max_size=8),
    path=st.text(alphabet="aA./\\ ", max_size=12),
    view=st.sampled_from(["", "left", "L"]),
    node=st.sampled_from(["", "Mist", ".Mist"]),
)


@given(st.lists(OUTPUTS, max_size=12), st.integers(32, 120))
def test_places_are_apart_inside_and_fit(listed, room):
    found = names.places(listed, room)
    assert len({alike(place) for place in found}) == len(found)
    folders = {alike(place[:at]) for place in found for at, c in enumerate(place) if c == "/"}
    assert not folders.intersection(alike(place) for place in found)
    for place in found:
        names.below(Path("/frames"), place)
        assert length(place) <= room
