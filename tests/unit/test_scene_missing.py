"""Missing files of one kind and folder become one finding for people; nothing else is grouped."""

from renderjuice.scene.check import Check
from renderjuice.scene.missing import Group, grouped, name_of


def missing(path: str, id_type: str = "IMAGE", **more: str) -> Check:
    values = {"id": "missing-file", "level": "error", "message": "Gone.", **more}
    return Check(path=path, id_type=id_type, **values)  # type: ignore[arg-type]


def names(group: Group) -> list[str]:
    return [name_of(one) for one in group.checks]


def test_a_group_for_each_kind_folder_and_level_in_the_place_of_its_first():
    other = Check("no-camera", "error", "No camera.")
    found = [
        missing("/p/tex/a.png"),
        other,
        missing("/p/hdri/sky.exr"),
        missing("/p/tex/b.png"),
        missing("/p/tex/c.png", id="missing-unrendered", level="warning"),
        missing("/p/tex/font.ttf", "FONT"),
        missing("/p/tex/d.png", id="wrong-content"),
    ]
    groups = grouped(found)
    assert [names(one) if isinstance(one, Group) else one.id for one in groups] == [
        ["a.png", "b.png"],
        "no-camera",
        ["sky.exr"],
        ["c.png"],
        ["font.ttf"],
        "wrong-content",
    ]
    images, _, _, unseen, font, _ = groups
    assert isinstance(images, Group) and isinstance(unseen, Group) and isinstance(font, Group)
    assert images.titles[1].format(count=2, folder=images.folder) == (
        "2 images are missing in /p/tex"
    )
    assert (images.level, images.why) == ("error", "")
    assert (unseen.level, unseen.why) == ("warning", "Nothing that is rendered shows it.")
    assert font.titles[0].startswith("{count} file is")


def test_a_file_that_several_data_blocks_use_is_missing_once():
    (group,) = grouped([missing("/p/a.png", datablock=name) for name in ("one", "other")])
    assert isinstance(group, Group)
    assert names(group) == ["a.png"]
