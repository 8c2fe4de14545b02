"""Converts dataclasses to JSON and back, by their annotations.

The JSON may come from another version: unknown members are ignored and missing ones get their
default. A value that does not have the annotated type raises TypeMismatch.
"""

import functools
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import partial
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
Reader = Callable[[Any], Any]


class TypeMismatch(ValueError):
    """A value does not have the annotated type."""


def plain(value: Any) -> Any:
    """Convert to JSON types: a dataclass becomes an object, a tuple a list."""
    if isinstance(value, str | int | float | NoneType):
        return value
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    members = value if isinstance(value, dict) else vars(value)
    return {name: plain(item) for name, item in members.items()}


def read(shape: type[T], data: object) -> T:
    """Convert the output of `plain` back to a `shape`. Raises TypeMismatch."""
    reader: Callable[[object], T] = _reader(cast(Any, shape))
    return reader(data)


def read_members(shape: type, data: Mapping[str, object]) -> dict[str, Any]:
    """The members of the dataclass `shape` in `data`; unknown and mistyped ones are left out."""
    readers, values = _readers(shape), {}
    for name, item in data.items():
        if name in readers:
            try:
                values[name] = readers[name](item)
            except TypeMismatch:
                continue
    return values


@functools.cache
def _readers(shape: type) -> dict[str, Reader]:
    hints = get_type_hints(shape)
    return {field.name: _reader(hints[field.name]) for field in fields(shape)}


@functools.cache
def _reader(shape: Any) -> Reader:
    origin, parts = get_origin(shape), get_args(shape)
    reader: Reader
    if shape in (Any, object):
        reader = _anything
    elif origin in (Union, UnionType):
        reader = partial(_union, [_reader(part) for part in parts])
    elif origin is Literal:
        reader = partial(_literal, parts)
    elif origin is list or (origin is tuple and parts[-1] is Ellipsis):
        reader = partial(_sequence, origin, _reader(parts[0]))
    elif origin is tuple:
        reader = partial(_fixed, [_reader(part) for part in parts])
    elif origin is dict:
        reader = partial(_mapping, _reader(parts[1]))
    elif is_dataclass(shape):
        reader = partial(_object, shape)
    elif issubclass(shape, StrEnum):
        reader = partial(_enum, shape)
    else:
        reader = partial(_scalar, (int, float) if shape is float else shape)
    return reader


def _anything(data: Any) -> Any:
    return data


def _scalar(shape: type | tuple[type, ...], data: Any) -> Any:
    if not isinstance(data, shape) or (isinstance(data, bool) and shape is not bool):
        raise TypeMismatch(type(data).__name__)
    return data


def _enum(shape: type[StrEnum], data: Any) -> StrEnum:
    try:
        return shape(data)
    except ValueError as error:
        raise TypeMismatch(str(error)) from None


def _literal(values: tuple[Any, ...], data: Any) -> Any:
    if data not in values:
        raise TypeMismatch(type(data).__name__)
    return data


def _union(readers: list[Reader], data: Any) -> Any:
    for reader in readers:
        try:
            return reader(data)
        except TypeMismatch:
            continue
    raise TypeMismatch(type(data).__name__)


def _sequence(kind: type, reader: Reader, data: Any) -> Any:
    return kind(reader(item) for item in _scalar(list, data))


def _fixed(readers: list[Reader], data: Any) -> tuple[Any, ...]:
    if len(_scalar(list, data)) != len(readers):
        raise TypeMismatch(str(len(data)))
    return tuple(reader(item) for reader, item in zip(readers, data, strict=True))


def _mapping(reader: Reader, data: Any) -> dict[str, Any]:
    return {name: reader(item) for name, item in _scalar(dict, data).items()}


def _object(shape: Any, data: Any) -> Any:
    _scalar(dict, data)
    values = {name: read(data[name]) for name, read in _readers(shape).items() if name in data}
    try:
        return shape(**values)
    except TypeError as error:  # a member without a default is missing
        raise TypeMismatch(str(error)) from None
