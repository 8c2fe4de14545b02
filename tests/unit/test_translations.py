"""Every text that an artist can see is translated into each language, also in combined texts."""

import ast
from pathlib import Path

import pytest
from renderjuice.translations import LANGUAGES, sentences

import texts
import translate

ROOT = Path(__file__).resolve().parents[2]
SHOWN = {"shown", "hinted", "reported"}


@pytest.fixture(scope="module")
def wanted() -> dict[str, list[str]]:
    return texts.texts()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_all_texts_and_no_others_with_the_same_holes(wanted, language):
    assert list(translate.problems(wanted, translate.catalogue(language))) == []


def test_a_language_begins_untranslated_and_changes_make_room_in_each(monkeypatch, tmp_path):
    monkeypatch.setattr(translate, "FOLDER", tmp_path)
    monkeypatch.setattr(translate, "texts", lambda: {"Kept": ["a.py"], "New": ["b.py"]})
    monkeypatch.setattr(translate.subprocess, "run", lambda *_, **__: None)  # ruff
    (tmp_path / "de.py").write_text('TEXTS = {"Kept": "Behalten", "Old": "Alt"}', "utf-8")
    assert translate.main(["fr"]) == 0
    assert translate.catalogue("fr") == {"Kept": "", "New": ""}
    assert translate.catalogue("de") == {"Kept": "Behalten", "New": ""}
    assert translate.main(["--check"]) == 1


def test_a_word_that_is_explained_is_a_text(wanted):
    assert [text for text in translate.CONTEXT if text not in wanted] == []


def test_blender_is_told_each_language_that_there_is():
    assert sorted(LANGUAGES) == translate.languages()


def test_what_is_no_text_stands_in_the_source():
    """An exception that is no longer needed would hide a new text with the same words."""
    source = "".join(
        path.read_text(encoding="utf-8")
        for place in texts.PLACES
        for path in Path(place).glob("*.py")
    )
    plain = {text for text in texts.NO_TEXTS if "{" not in text}
    assert [text for text in plain if text not in source] == []
    for name, words in texts.WORDS.items():
        own = (ROOT / name).read_text(encoding="utf-8")
        made = ('"{name}"', "A step", "A frame")
        assert [w for w in words if f'"{w}"' not in own and not w.endswith(made)] == [], name


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('layout.label(text="Where it is")', ["Where it is"]),
        ('one = "as" if it == "is not one" else thing["the key"]', []),
        (
            'raise ApiError(id, f"Could not {what}. {host} did not answer.")',
            ["Could not {what}.", "{host} did not answer."],
        ),
        (
            'def f(names):\n    more = f" and {len(names)} more" if names else ""\n'
            '    return f"Found {names[0]}{more} here."',
            ["and {names} more", "Found {names} and {names2} more here.", "Found {names} here."],
        ),
        (
            "f\"It has {len(a)} frame{'' if len(a) == 1 else 's'}, {b or 'none of them'}.\"",
            [
                "It has {a} frame, {b}.",
                "It has {a} frame, none of them.",
                "It has {a} frames, {b}.",
                "It has {a} frames, none of them.",
            ],
        ),
        ('class RENDERJUICE_OT_a(Operator):\n    """Do it now"""', ["Do it now"]),
        ('class Other:\n    """Not shown to anybody"""', []),
        ('f"{folder}/{name}: {size} GiB"', []),
    ],
)
def test_texts_are_found_in_the_source(source, found):
    assert list(texts.of_source(source)) == found


def test_panels_put_no_english_together():
    """`shown("{count} files", count=3)` can be translated, f"{count} files" cannot."""
    for path in sorted((ROOT / "panels").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                words = "".join(
                    p.value if isinstance(p, ast.Constant) else "{}" for p in node.values
                )
                assert not texts.is_text(words), f"{path.name}:{node.lineno}: {words}"


def test_what_operators_say_is_translated():
    """Blender translates neither reports nor the reason why a button is disabled."""
    for path in sorted((ROOT / "operators").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef):
                continue
            assigned = {
                target.id: node.value
                for node in ast.walk(function)
                if isinstance(node, ast.Assign)
                for target in node.targets
                if isinstance(target, ast.Name) and _is_translated(node.value)
            }
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and _called(node) in ("report", "poll_message_set"):
                    said = node.args[-1]
                    names = {n.id for n in ast.walk(said) if isinstance(n, ast.Name)}
                    known = names & assigned.keys() or _is_translated(said)
                    assert known, f"{path.name}:{node.lineno}"


def _is_translated(node: ast.AST) -> bool:
    return any(isinstance(n, ast.Call) and _called(n) in SHOWN for n in ast.walk(node))


def _called(node: ast.Call) -> str:
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


# -- texts within combined texts -------------------------------------------------------------------

OTHER = sentences.Sentences(
    {
        "Could not {what}.": "Nicht: {what}.",
        "read the job": "Auftrag lesen",
        "{host} refused the connection.": "{host} lehnt ab.",
        "The scene “{name}” has no camera.": "„{name}“ hat keine Kamera.",
        "The scene “{name}” has no camera and no light.": "„{name}“ hat nichts.",
        "Scene": "Szene",
        "The file {path}, used by {used_by}, is not on disk.": "{used_by} braucht {path}.",
        'Image "{name}"': 'Bild "{name}"',
        "{done} of {total}": "{done} von {total}",
        "It did not go: {error}": "Es ging nicht: {error}",
    }
)


@pytest.mark.parametrize(
    ("english", "said"),
    [
        (
            "Could not read the job. farm.example.com refused the connection.",
            "Nicht: Auftrag lesen. farm.example.com lehnt ab.",
        ),
        ("The scene “Scene” has no camera.", "„Scene“ hat keine Kamera."),
        ("The scene “a” has no camera and no light.", "„a“ hat nichts."),
        (
            'The file a.png, used by Image "Scene", is not on disk.'
            ' The file b.png, used by Image "b", is not on disk.',
            'Bild "Scene" braucht a.png. Bild "b" braucht b.png.',
        ),
        ("The scene “a” has no camera.\nScene", "„a“ hat keine Kamera.\nSzene"),
        ("It did not go: Could not read the job.", "Es ging nicht: Nicht: Auftrag lesen."),
        ("a.png: Could not read the job.", "a.png: Nicht: Auftrag lesen."),
        ("Two of a kind. The farm said so.", "Two of a kind. The farm said so."),
        ("", ""),
    ],
)
def test_texts_are_found_in_what_is_made_of_them(english, said):
    assert OTHER.said(english) == said


def test_nothing_stands_between_japanese_sentences():
    ja = sentences.Sentences({"It is.": "そうです。", "It was.": "そうでした。"})
    assert ja.said("It is. It was. Who?") == "そうです。そうでした。Who?"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_that_is_translated_stays_as_it_is(language):
    """Panels may pass the same text through the translation twice."""
    known = sentences.of(language)
    for english, said in translate.catalogue(language).items():
        if "{" not in english:
            assert known.said(said) == said
