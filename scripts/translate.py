"""Updates translations/*.py from the source: `make translations`, or

python scripts/translate.py            adds new texts untranslated (""), removes old ones
python scripts/translate.py fr         also adds a new language
python scripts/translate.py --check    prints what is missing, and changes nothing
"""

import re
import runpy
import subprocess
import sys
from collections.abc import Iterator, Mapping

from texts import ROOT, texts

FOLDER = ROOT / "translations"
NO_LANGUAGES = {"__init__", "sentences"}
CONTEXT = {
    "All": "jobs",
    "Attention": "jobs that need it",
    "Chosen": "test frames",
    "Completed": "the farm's status of a job",
    "Every": "a field: every ... frames",
    "Finished": "a job",
    "Frame": "a number",
    "None": "no compression",
    "Override color management": "tooltip's title of a switch",
    "Pack": "a button: put the image into the .blend",
    "Show": "a button beside a finding, and: which jobs the list shows",
    "State": "how far a job is",
    "Still": "a single frame",
    "Submitted": "when a job was",
    "Test": "a button: try the API key",
    "Wait": "a switch",
    "none": "a setting's value",
    "off": "a setting's value",
    "on": "a setting's value",
}
"""The context of short texts, as a note for translators."""
MAX_NAMED = 20
HOLE = re.compile(r"\{\w*\}")


def languages() -> list[str]:
    """Return the existing languages."""
    return sorted({path.stem for path in FOLDER.glob("*.py")} - NO_LANGUAGES)


def catalogue(language: str) -> dict[str, str]:
    """Return the translations of a language's file."""
    path = FOLDER / f"{language}.py"
    said: dict[str, str] = runpy.run_path(str(path))["TEXTS"] if path.is_file() else {}
    return said


def problems(wanted: Mapping[str, object], said: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with a language's translations, text by text."""
    yield from (f"missing: {text}" for text in wanted if not said.get(text))
    yield from (f"of no use: {text}" for text in said if text not in wanted)
    for text, other in said.items():
        if other and sorted(HOLE.findall(text)) != sorted(HOLE.findall(other)):
            yield f"other holes: {text} -> {other}"


def write(language: str, wanted: Mapping[str, list[str]], said: Mapping[str, str]) -> None:
    """Write a language's file: the texts of each source file, in alphabetical order."""
    places: dict[str, list[str]] = {}
    for text, files in wanted.items():
        places.setdefault(files[0], []).append(text)
    lines = [f'"""The texts in the language of Blender\'s locale {language}."""', "", "TEXTS = {"]
    for place, own in places.items():
        lines.append(f"    # {place}")
        for text in sorted(own, key=str.casefold):
            context = f"  # {CONTEXT[text]}" if text in CONTEXT else ""
            lines.append(f"    {text!r}: {said.get(text, '')!r},{context}")
    path = FOLDER / f"{language}.py"
    path.write_text("\n".join([*lines, "}", ""]), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(path)], check=True)


def main(arguments: list[str]) -> int:
    """Update all languages, or check them and return 1 if anything is missing."""
    wanted = texts()
    check = "--check" in arguments
    wrong = 0
    for language in sorted({*languages(), *arguments} - {"--check"}):
        if not check:
            write(language, wanted, catalogue(language))
        found = list(problems(wanted, catalogue(language)))
        wrong += len(found)
        for problem in found[:MAX_NAMED]:
            print(f"{language}: {problem}")
    print(f"{len(wanted)} texts, {wrong} to do.")
    return 1 if check and wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
