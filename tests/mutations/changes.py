"""Changes that turn correct code into wrong code: the building blocks of mistakes.py.

Each change finds its place by symbols (names, attributes, text constants) instead of source text:
it still works after reformatting, after a move within the function, and next to new code. A change
that matches no place, or more than one, raises LookupError.
"""

import ast
from collections.abc import Callable
from typing import TypeVar

Node = TypeVar("Node", bound=ast.AST)
Replacements = list[tuple[ast.AST, ast.AST]]
Change = Callable[[ast.AST], Replacements]
"""Takes a function's syntax tree; returns pairs of a node to replace and its replacement."""


def always(*symbols: str) -> Change:
    """Make the condition that contains `symbols` always true."""
    return lambda function: [(_condition(function, symbols), ast.Constant(True))]


def never(*symbols: str) -> Change:
    """Make the condition that contains `symbols` always false."""
    return lambda function: [(_condition(function, symbols), ast.Constant(False))]


def entry_false(key: str) -> Change:
    """Make the value of the dictionary entry whose key contains the symbol `key` False."""

    def change(function: ast.AST) -> Replacements:
        entries = [
            (name, value)
            for node in ast.walk(function)
            if isinstance(node, ast.Dict)
            for name, value in zip(node.keys, node.values, strict=True)
            if name is not None and key in _symbols(name)
        ]
        return [(_only([value for _, value in entries], key), ast.Constant(False))]

    return change


def unguarded(call: str) -> Change:
    """Make the condition of the `if` around the call of `call` always true."""

    def change(function: ast.AST) -> Replacements:
        guards = [
            node
            for node in ast.walk(function)
            if isinstance(node, ast.If) and any(_calls(call, part) for part in node.body)
        ]
        return [(_only(_innermost(guards), call).test, ast.Constant(True))]

    return change


def without(call: str) -> Change:
    """Remove the statement that calls `call`."""

    def change(function: ast.AST) -> Replacements:
        statements = [
            node
            for node in ast.walk(function)
            if isinstance(node, ast.Expr | ast.Assign | ast.AnnAssign | ast.AugAssign)
            and _calls(call, node)
        ]
        return [(_only(statements, call), ast.Pass())]

    return change


def instead(call: str, expression: str) -> Change:
    """Replace the first call of `call` with `expression`."""

    def change(function: ast.AST) -> Replacements:
        calls = sorted(_calls(call, function), key=lambda node: (node.lineno, node.col_offset))
        return [(_only(calls[:1], call), ast.parse(expression, mode="eval").body)]

    return change


def uncalled(call: str) -> Change:
    """Replace each `call(value)` or `value.call()` with `value`."""

    def change(function: ast.AST) -> Replacements:
        calls = _calls(call, function)
        if not calls:
            raise LookupError(f"{call} is not called")
        return [(node, node.args[0] if node.args else node.func.value) for node in calls]

    return change


def overwriting(name: str) -> Change:
    """Replace `name |= value`, or another such operator, with `name = value`."""

    def change(function: ast.AST) -> Replacements:
        additions = [
            node
            for node in ast.walk(function)
            if isinstance(node, ast.AugAssign) and name in _symbols(node.target)
        ]
        addition = _only(additions, name)
        return [(addition, ast.Assign(targets=[addition.target], value=addition.value))]

    return change


def changed(source: str, function: str, change: Change) -> str:
    """Return a module's source with `change` applied to the function of this name
    (Class.method for a method). Comments are lost."""
    module = ast.parse(source)
    for old, new in change(_function(module, function)):
        module = _Replace(old, new).visit(module)
    return ast.unparse(ast.fix_missing_locations(module))


def _function(module: ast.Module, name: str) -> ast.AST:
    node: ast.AST = module
    for part in name.split("."):
        named = [
            child
            for child in ast.iter_child_nodes(node)
            if isinstance(child, ast.FunctionDef | ast.ClassDef) and child.name == part
        ]
        node = _only(named, name)
    return node


def _condition(function: ast.AST, symbols: tuple[str, ...]) -> ast.expr:
    """Return the smallest condition that contains all symbols: that of an `if`, a `while`, a
    conditional expression or a comprehension; a returned value; or an operand of `and` or `or`."""
    conditions: list[ast.expr] = []
    for node in ast.walk(function):
        match node:
            case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
                conditions.append(test)
            case ast.comprehension(ifs=tests) | ast.BoolOp(values=tests):
                conditions += tests
            case ast.Return(value=ast.expr() as value):
                conditions.append(value)
    fitting = [node for node in conditions if _symbols(node).issuperset(symbols)]
    return _only(_innermost(fitting), " and ".join(symbols))


def _innermost(nodes: list[Node]) -> list[Node]:
    """Return those of `nodes` that do not contain another one."""
    return [
        node
        for node in nodes
        if not any(other in ast.walk(node) for other in nodes if other is not node)
    ]


def _only(nodes: list[Node], wanted: str) -> Node:
    if len(nodes) != 1:
        raise LookupError(f"{len(nodes)} places fit {wanted}, not one")
    return nodes[0]


def _calls(name: str, node: ast.AST) -> list[ast.Call]:
    """Return the calls of `name(...)` and `anything.name(...)`."""
    calls = []
    for part in ast.walk(node):
        match part:
            case ast.Call(func=ast.Name(id=found) | ast.Attribute(attr=found)) if found == name:
                calls.append(part)
    return calls


def _symbols(node: ast.AST) -> set[str]:
    symbols = set()
    for part in ast.walk(node):
        match part:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Constant(value=str() as name):
                symbols.add(name)
    return symbols


class _Replace(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old = old
        self._new = new

    def visit(self, node: ast.AST) -> ast.AST:
        return self._new if node is self._old else self.generic_visit(node)
