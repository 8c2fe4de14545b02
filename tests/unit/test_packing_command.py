"""The packer's command line is made when it starts: a record stores only the Blender to use."""

from renderjuice.packing import command

OLD = "/home/artist/extensions/renderjuice/packing/trace.py"


def test_a_whole_blender():
    made = command.packer(command.blender("/opt/blender", "/opt/python"))
    assert made[0] == "/opt/blender"
    assert made.index("--python-exit-code") < made.index("--python")
    assert made[made.index("--python") + 1 :] == [str(command.SCRIPT), "--"]
    assert {"--background", "--factory-startup", "--disable-autoexec"} < set(made)


def test_the_module():
    made = command.packer(command.blender("", "/opt/python"))
    assert made == ["/opt/python", "-I", str(command.SCRIPT), "--"]


def test_a_record_holds_no_path_of_ours():
    for binary_path in ("", "/opt/blender"):
        kept = command.blender(binary_path, "/opt/python")
        assert str(command.SCRIPT.parent) not in " ".join(kept)


def test_a_record_of_0_1_0_goes_on_without_its_trace_py():
    whole = ["/opt/blender", "--background", "--python-exit-code", "3", "--python", OLD, "--"]
    assert command.packer(whole) == command.packer(["/opt/blender"])
    module = ["/opt/python", "-I", OLD, "--"]
    assert command.packer(module) == command.packer(["/opt/python", "-I"])
