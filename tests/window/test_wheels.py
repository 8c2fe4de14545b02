"""A missing package, for instance removed by a virus scanner: a message in the panel and a fix."""

import pytest

from tests.window.pictures import picture
from tests.window.studio import Studio

pytestmark = pytest.mark.our_code_alone


def test_a_missing_package_is_one_sentence_in_the_panel(studio: Studio):
    blender = studio.open()
    (package,) = studio.resources.glob("extensions/.local/lib/*/site-packages/pydantic_core")
    hidden = package.rename(studio.resources / "hidden")
    studio.submit(blender)
    blender.wait_until("state.trouble")
    assert blender.run("state.trouble") == (
        "Renderjuice cannot work. pydantic_core is missing or does not fit this Python."
        " Install the extension again."
    )
    picture(blender, "package-missing")

    hidden.rename(package)
    studio.submit(blender)
    studio.wait_for(blender, "job.stage == 'finished'")
    assert blender.run("state.trouble") == ""
