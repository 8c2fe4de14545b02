"""Output files as the farm lists them."""

from renderjuice.api.output_file import OutputFile


def output(name, *, path="", view="", node="", kind="frame", url="https://storage.example/x"):
    return OutputFile(
        url=url,
        file_name=name,
        relative_path=path,
        view=view,
        composite_node_name=node,
        kind=kind,
    )
