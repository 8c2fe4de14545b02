"""The self-test of the installed extension, as a user of Windows is asked to run it."""

import pytest

from tests.windows.artist import Artist

pytestmark = pytest.mark.timeout(600)


def test_all_holds(artist: Artist) -> None:
    artist.farm = None
    done = artist.run("", "selftest")
    print(done.stderr)
    assert done.code == 0, done.stderr
    found = done.document["selftest"]
    assert [line["id"] for line in found["lines"] if not line["held"]] == []
    assert len(found["lines"]) == 10
    assert artist.processes() == []
