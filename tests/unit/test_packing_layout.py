"""File names in the package, and Blender's // paths, on POSIX and Windows file systems."""

import ntpath
import posixpath

import pytest
from hypothesis import given
from hypothesis import strategies as st
from renderjuice.packing import layout
from renderjuice.packing.layout import Layout, absolute, relative, resolves_to


@pytest.mark.parametrize(
    ("path", "folder", "found"),
    [
        ("//tex/a.png", "/home/me/shot", "/home/me/shot/tex/a.png"),
        ("//..\\tex\\a.png", "/home/me/shot", "/home/me/tex/a.png"),
        ("/x/../y/a.png", "/home", "/y/a.png"),
        ("//a//b.png", "/home", "/home/a/b.png"),
        ("///a/b.png", "/home", "/home/a/b.png"),
        (r"Z:\tex\a.png", "/home", "/z/tex/a.png"),
        ("c:/tex/a.png", "/home", "/c/tex/a.png"),
    ],
)
def test_absolute_on_posix(path: str, folder: str, found: str) -> None:
    assert absolute(path, folder, posixpath) == found


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("//tex/a.png", r"C:\proj\tex\a.png"),
        (r"//..\tex\a.png", r"C:\tex\a.png"),
        (r"D:\tex\a.png", r"D:\tex\a.png"),
        ("d:/tex/a.png", r"D:\tex\a.png"),
        (r"\\server\share\a.png", r"\\server\share\a.png"),
        (r"\\server/share/a.png", r"\\server\share\a.png"),
        (r"\\?\d:\tex\a.png", r"D:\tex\a.png"),
        (r"\\?\UNC\server\share\a.png", r"\\server\share\a.png"),
        (r"\\?\unc/server/share/a.png", r"\\server\share\a.png"),
    ],
)
def test_absolute_on_windows(path: str, found: str) -> None:
    assert absolute(path, "C:\\proj", ntpath) == found


def test_the_tree_below_the_common_root_is_kept() -> None:
    names = Layout(["/s/lib/chair.blend", "/s/lib/tex/a.png", "/s/tex/a.png"], posixpath)
    assert names.place("/s/lib/chair.blend") == "files/lib/chair.blend"
    assert names.place("/s/lib/tex/a.png") == "files/lib/tex/a.png"
    assert names.place("/s/tex/a.png") == "files/tex/a.png"


def test_one_file_lies_directly_in_the_folder() -> None:
    assert Layout(["/home/me/a.png"], posixpath).place("/home/me/a.png") == "files/a.png"


def test_patterns_and_folders_have_a_place() -> None:
    names = Layout(["/t/a.1001.png", "/t/b/c.png"], posixpath)
    assert names.place("/t/a.<UDIM>.png") == "files/a.<UDIM>.png"
    assert names.place("/t/b") == "files/b"
    assert names.place("/t") == "files"


def test_what_lies_outside_is_named_without_its_folders() -> None:
    assert Layout(["/t/a.png"], posixpath).place("/secret/b.png") == f"{layout.OUTSIDE}/b.png"
    assert Layout([], posixpath).place("/secret/b.png") == f"{layout.OUTSIDE}/b.png"


def test_each_drive_has_a_folder() -> None:
    names = Layout([r"C:\p\a.png", r"c:\p\lib\x.blend", r"\\nas\share\b.png"], ntpath)
    assert names.place(r"C:\p\a.png") == "files/c/a.png"
    assert names.place(r"c:\p\lib\x.blend") == "files/c/lib/x.blend"
    assert names.place(r"\\nas\share\b.png") == "files/nas_share/b.png"


@pytest.mark.parametrize(
    "shares",
    [
        (r"\\素材\本番", r"\\素材\予備"),
        (r"\\s\A-B", r"\\s\A_B"),
        (r"\\s\a b", r"\\s\a_b", r"\\s_a\b"),
        (r"\\?\x", "C:"),
        (r"\\s\straße", r"\\s\strasse"),
        (r"\\s\Ä", r"\\s\Ö"),
        (r"\\s\ﬁlm", r"\\s\film"),
        ("C:", "D:"),
    ],
)
def test_two_shares_have_two_folders(shares: tuple[str, ...]) -> None:
    sources = [rf"{share}\tex\wood.png" for share in shares]
    names = Layout(sources, ntpath)
    assert len({names.place(source) for source in sources}) == len(sources)
    assert names.place(rf"{shares[0]}\tex\<UDIM>.png").endswith("/<UDIM>.png")


@pytest.mark.parametrize(
    ("one", "same"), [("C:", "c:"), (r"\\NAS\Film", r"\\nas\film"), (r"\\s\ÄÖ", r"\\s\äö")]
)
def test_a_drive_in_capitals_is_the_same_drive(one: str, same: str) -> None:
    names = Layout([rf"{one}\p\a.png", rf"{same}\p\b.png"], ntpath)
    assert names.place(rf"{same}\p\a.png") == "files/a.png"
    assert names.place(rf"{one}\p\b.png") == "files/b.png"


def test_a_share_keeps_its_letters() -> None:
    names = Layout([r"\\素材\本番\a.png", r"C:\b.png"], ntpath)
    assert names.place(r"\\素材\本番\a.png") == "files/素材_本番/a.png"


def test_names_of_any_bytes_stay_apart() -> None:
    raw = [b"/t/t\xff.png", b"/t/t%FF.png", b"/t/t%25FF.png", b"/t/t%2525FF.png", b"/t/a%20b.png"]
    sources = [each.decode("utf-8", "surrogateescape") for each in raw]
    names = Layout(sources, posixpath)
    places = [names.place(source) for source in sources]
    assert len(set(places)) == len(sources)
    assert places[-1] == "files/a%20b.png", "what nobody mixes up keeps its name"


def test_bytes_that_are_no_unicode_are_spelled_out() -> None:
    path = b"/t/caf\xe9.png".decode("utf-8", "surrogateescape")
    assert Layout([path], posixpath).place(path) == "files/caf%E9.png"


def test_relative_paths_lead_back() -> None:
    assert relative("files/tex/a.png", "") == "//files/tex/a.png"
    assert relative("files/tex/a.png", "files/lib") == "//../tex/a.png"
    assert resolves_to("//../tex/a.png", "files/lib") == "files/tex/a.png"
    assert resolves_to(r"//..\tex\a.png", "files/lib") == "files/tex/a.png"
    assert resolves_to("/tex/a.png", "files/lib") is None


@pytest.mark.parametrize(
    ("original", "name"),
    [
        ("/p/Szene ä.blend", "Szene ä.blend"),
        ("", "untitled.blend"),
        ("/p/shot.blend1", "shot.blend1.blend"),
        ("/p/SHOT.BLEND", "SHOT.BLEND"),
    ],
)
def test_the_package_is_named_like_the_file(original: str, name: str) -> None:
    assert layout.top_name(original) == name


names = st.text("abcä ", min_size=1, max_size=3).map(lambda text: f"x{text}x")
paths = st.lists(names, min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts))


@given(st.lists(paths, min_size=2, max_size=8, unique=True))
def test_paths_relative_to_a_library_stay_true(sources: list[str]) -> None:
    """For any folders, a library's own relative path leads to the same file in the package."""
    layout = Layout(sources, posixpath)
    places = [layout.place(source) for source in sources]
    assert len(set(places)) == len(sources)
    library, texture = sources[:2]
    stored = "//" + posixpath.relpath(texture, posixpath.dirname(library))
    here = posixpath.dirname(layout.place(library))
    assert resolves_to(stored, here) == layout.place(texture)
