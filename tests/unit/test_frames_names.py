"""The local paths of the farm's files: the names come from the server, so they are untrusted."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from renderjuice.frames import names
from renderjuice.system.names import collision_key, path_length

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
    other = output("a.png", url="https://storage.example/other")
    found = names.places([output("a.png"), output("A.png"), other, output("a (2).png")])
    assert len({name.casefold() for name in found}) == 4


def test_a_path_that_says_here_is_none():
    for path in (".", "./", "././", ""):
        assert names.place(output("0001.png", path=path)) == "0001.png"
    assert names.place(output("0001.png", path="./a/./b")) == "a/b/0001.png"


def test_views_and_folders_are_kept():
    assert names.place(output("0001.png", path="beauty/", view="left")) == "beauty/left/0001.png"
    assert names.place(output("0001_L.png", view="_L")) == "0001_L.png"


def test_a_node_s_files_get_its_folder_where_the_farm_names_none():
    mist = output("0001.png", node="Mist", kind="compositeNode")
    deep = output("0001.png", node="Mist", path="deep/", kind="compositeNode")
    named = output("0001.png", node="Mist", path="out/Mist", kind="compositeNode")
    places = ["0001.png", "Mist/0001.png", "Mist/deep/0001.png", "out/Mist/0001.png"]
    assert list(names.places([output("0001.png"), mist, deep, named])) == places


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
    name, path = "y" * 150 + "0001.png", "/".join(["x" * 90] * 12)
    urls = [f"https://storage.example/{number}" for number in range(20)]
    many = [output(name, path=path, node="n" * 300, url=url) for url in urls]
    found = names.places(many, room)
    assert len({collision_key(name) for name in found}) == 20
    assert all(path_length(name) <= room for name in found)
    assert all(name.endswith(".png") for name in found)
    assert names.place(many[0], room).endswith("0001.png")


def test_names_that_differ_in_case_form_or_spelling_come_to_different_places():
    spellings = ["STRASSE.png", "straße.png", "ﬁlm.png", "FILM.png", "\xe9.png", "E\u0301.png"]
    found = names.places([output(name) for name in spellings])
    assert len({collision_key(name) for name in found}) == len(spellings)


def test_a_path_is_made_of_places_only(tmp_path):
    assert names.below(tmp_path, "a/b (2).png") == tmp_path / "a" / "b (2).png"
    for place in ("../x", "/etc/passwd", "a//b", "", ".git/config", "C:/x", "a\\b", "nul.txt"):
        with pytest.raises(AssertionError):
            names.below(tmp_path, place)


ADDRESSES = ["https://storage.example/x", "https://storage.example/y?sig=1"]
OUTPUTS = st.builds(
    output,
    st.text(max_size=8) | st.text(alphabet="aA. /:~1ßsS\u0301\u200d", max_size=8),
    path=st.text(alphabet="aA./\\ ", max_size=12),
    view=st.sampled_from(["", "left", "L"]),
    node=st.sampled_from(["", "Mist", ".Mist"]),
    url=st.sampled_from(ADDRESSES),
)


@given(st.lists(OUTPUTS, max_size=12), st.integers(32, 120))
def test_places_are_apart_inside_and_fit(listed, room):
    found = names.places(listed, room)
    assert len({collision_key(place) for place in found}) == len(found)
    folders = {
        collision_key(place[:at]) for place in found for at, c in enumerate(place) if c == "/"
    }
    assert not folders.intersection(collision_key(place) for place in found)
    for place in found:
        names.below(Path("/frames"), place)
        assert path_length(place) <= room


# ---- the same output keeps its path in every listing ------------------------------------------


def at(address, name="0001.png", **more):
    return output(name, url=f"https://storage.example/{address}", **more)


def known(places):
    """The identities of outputs by their local path, as a record stores them."""
    return {place: output.identity for place, output in places.items()}


def test_an_output_keeps_its_place_whatever_stands_beside_it():
    first, second = at("a?sig=1"), at("b?sig=1")
    early = names.places([second])
    later = names.places([at("a?sig=2"), at("b?sig=2")], known=known(early))
    assert {place: one.url for place, one in later.items()} == {
        "0001 (2).png": at("a?sig=2").url,
        "0001.png": at("b?sig=2").url,
    }
    assert names.places([second, first], known=known(later)).keys() == later.keys()
    assert list(names.places([first], known=known(later))) == ["0001 (2).png"]


def test_an_output_that_is_listed_twice_is_one_file():
    once = at("a?sig=1")
    again = at("a?sig=2", kind="compositeNode")
    assert names.places([once, at("b"), again]) == {"0001.png": once, "0001 (2).png": at("b")}


@pytest.mark.parametrize("said", [{"view": "left"}, {"node": "Mist"}, {"path": "a"}])
def test_what_the_farm_says_tells_outputs_of_one_address_apart(said):
    both = names.places([at("x"), at("x", **said)])
    assert len(both) == 2
    assert list(names.places([at("x", **said)], known=known(both))) == [list(both)[1]]


def test_an_output_keeps_its_place_where_its_address_is_another_one_each_time():
    early = names.places([at("a/1", view="right")])
    now = [at("a/2", view="left"), at("a/3", view="right")]
    assert list(names.places(now, known=known(early))) == ["left/0001.png", "right/0001.png"]


@given(st.lists(OUTPUTS, max_size=12), st.data())
def test_no_list_changes_a_place(listed, data):
    before = names.places(listed)
    some = data.draw(st.lists(st.sampled_from(listed or [output("a")]), max_size=12))
    after = names.places([*data.draw(st.lists(OUTPUTS, max_size=4)), *some], known=known(before))
    same = {one.identity: place for place, one in before.items()}
    assert all(same.get(one.identity, place) == place for place, one in after.items())
    identities = [one.identity for one in after.values()]
    assert len(set(identities)) == len(identities)
