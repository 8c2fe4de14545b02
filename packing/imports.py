"""Finds the files that geometry nodes import, by tracing the path text to its source.

The trace starts at an import node and follows links backwards: through reroutes and switches, and
through group inputs to each group node and modifier that uses the group. `//` is relative to the
.blend with the import node, even if another .blend has the text.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from . import walk
from .reference import Place, Reference, single_file

FILE_PATH = "NodeSocketStringFilePath"
SWITCHES = ("GeometryNodeSwitch", "GeometryNodeIndexSwitch", "GeometryNodeMenuSwitch")


@dataclass
class Imports:
    """The imports of all geometry nodes in the open file."""

    found: list[tuple[Any, Reference]] = field(default_factory=list)
    """Pairs of the data-block with the text, and its path."""
    computed: list[tuple[Any, Any]] = field(default_factory=list)
    """Pairs of a node tree and an import node whose path is computed by other nodes."""


def find(data: Any, place: Place) -> Imports:
    """Search all of `bpy.data`. `place` says what `//` means in the open file."""
    imports = Imports()
    tracer = _Tracer(data)
    for tree in tracer.trees:
        for node in tree.nodes:
            sockets = [each for each in node.inputs if each.bl_idname == FILE_PATH]
            texts = [text for socket in sockets for text in tracer.texts(tree, socket, set())]
            for text in texts:
                if text is not None:
                    imports.found += _references(text, _home(tree, text, place))
            if None in texts:
                imports.computed.append((tree, node))
    return imports


@dataclass
class _Text:
    """A text property, its data-block, and the part of the data-block that has it."""

    id: Any
    holder: Any
    attribute: str
    part: str


class _Input:
    """A string input of a nodes modifier. Where its value is stored depends on the version."""

    def __init__(self, modifier: Any, identifier: str) -> None:
        self._modifier, self._identifier = modifier, identifier

    @property
    def value(self) -> str:
        if hasattr(self._modifier, "properties"):  # since 5.2
            return str(getattr(self._modifier.properties.inputs, self._identifier).value)
        return str(self._modifier.get(self._identifier, ""))

    @value.setter
    def value(self, path: str) -> None:
        if hasattr(self._modifier, "properties"):
            getattr(self._modifier.properties.inputs, self._identifier).value = path
        else:
            self._modifier[self._identifier] = path


class _Tracer:
    """Traces socket values back to their sources."""

    def __init__(self, data: Any) -> None:
        self.trees = [tree for tree in data.node_groups if tree.type == "GEOMETRY"]
        self._users: dict[Any, list[tuple[Any, Any]]] = defaultdict(list)
        for tree in self.trees:
            for node in tree.nodes:
                if getattr(node, "node_tree", None) is not None:
                    self._users[node.node_tree].append((tree, node))
        for object in data.objects:
            for modifier in object.modifiers:
                if modifier.type == "NODES" and modifier.node_group is not None:
                    self._users[modifier.node_group].append((object, modifier))

    def texts(self, tree: Any, socket: Any, seen: set[int]) -> Iterator[_Text | None]:
        """The possible sources of `socket` in `tree`; None for a computed value."""
        if socket.as_pointer() in seen:
            return
        seen.add(socket.as_pointer())
        links = [link for link in socket.links if not link.is_muted]
        if not links:
            yield _Text(tree, socket, "default_value", f'node "{socket.node.name}"')
        for link in links:
            yield from self._out_of(tree, link.from_node, link.from_socket, seen)

    def _out_of(self, tree: Any, node: Any, socket: Any, seen: set[int]) -> Iterator[_Text | None]:
        if node.bl_idname == "FunctionNodeInputString":
            yield _Text(tree, node, "string", f'node "{node.name}"')
        elif node.bl_idname == "NodeGroupInput":
            yield from self._from_outside(tree, socket.identifier, seen)
        elif node.bl_idname == "GeometryNodeGroup" and node.node_tree is not None:
            for end in node.node_tree.nodes:
                if end.bl_idname == "NodeGroupOutput" and end.is_active_output:
                    inner = _named(end.inputs, socket.identifier)
                    yield from self.texts(node.node_tree, inner, seen)
        elif node.bl_idname == "NodeReroute" or node.bl_idname in SWITCHES:
            for each in node.inputs:
                if each.type == socket.type == "STRING" and each.enabled:
                    yield from self.texts(tree, each, seen)
        else:
            yield None

    def _from_outside(self, tree: Any, name: str, seen: set[int]) -> Iterator[_Text | None]:
        for user, part in self._users[tree]:
            if user.id_type == "OBJECT":
                yield _Text(user, _Input(part, name), "value", f'modifier "{part.name}"')
            else:
                yield from self.texts(user, _named(part.inputs, name), seen)


def _named(sockets: Any, identifier: str) -> Any:
    return next(each for each in sockets if each.identifier == identifier)


def _home(tree: Any, text: _Text, place: Place) -> Place:
    if tree.library is not None:
        return place.at(walk.library_path(tree.library, place.folder))
    if text.attribute == "default_value" and place.version >= (5, 0):
        return place
    return place.at(place.original)  # saving a copy does not remap the path


def _references(text: _Text, home: Place) -> Iterator[tuple[Any, Reference]]:
    for reference in single_file("import", text.holder, home, text.attribute):
        reference.part, reference.home = text.part, home.blend
        yield text.id, reference
