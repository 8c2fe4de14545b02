"""The body of "start render": checked against the table in fields.py before it is sent."""

from typing import Any, ClassVar

from pydantic import (
    BaseModel,
    ConfigDict,
    ValidationError,
    ValidationInfo,
    create_model,
    field_validator,
)

from . import fields

_TYPES: dict[str, Any] = {
    "enum": str,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": int | float,
    "strings": list[str],
    "numbers": list[int],
}


class _Sent(BaseModel):
    """Refuses members that the table in fields.py does not have, and values it does not allow."""

    model_config = ConfigDict(extra="forbid", strict=True)
    group: ClassVar[str] = ""

    @field_validator("*", mode="before")
    @classmethod
    def _by_the_table(cls, value: Any, info: ValidationInfo) -> Any:
        name = f"{cls.group}{info.field_name}"
        if name not in fields.FIELDS:
            return value  # a group of fields, which has a model of its own
        if sentence := fields.problem(name, value):
            raise ValueError(sentence)
        if fields.mark(name, value) == "unknown":
            raise ValueError(f"{name}: it is not known whether Renderjuice takes {value}.")
        return fields.whole(value)


class _SentSettings(_Sent):
    group: ClassVar[str] = "outputSettings."


def _members(group: str) -> dict[str, Any]:
    """Names and (type, default) of the table's fields in a group; one field is required."""
    return {
        name.removeprefix(group): (
            _TYPES[field.type],
            ... if name == "colorManagementPreset" else None,
        )
        for name, field in fields.FIELDS.items()
        if name.rpartition(".")[0] == group.rstrip(".")
    }


_OutputSettings = create_model(
    "OutputSettings", __base__=_SentSettings, **_members("outputSettings.")
)
RequestedRenderConfig = create_model(
    "RequestedRenderConfig",
    __base__=_Sent,
    **_members(""),
    outputSettings=(_OutputSettings, None),
)
"""`requestedRenderConfig`, made from the table in fields.py."""


def render_body(config: dict[str, Any]) -> dict[str, Any]:
    """The body of "start render" for a nested config; ValueError with a sentence if it is wrong."""
    try:
        model = RequestedRenderConfig.model_validate(config)
    except ValidationError as error:
        raise ValueError("; ".join(map(_sentence, error.errors()))) from None
    return {"requestedRenderConfig": model.model_dump(exclude_unset=True)}


def _sentence(problem: Any) -> str:
    name = ".".join(map(str, problem["loc"]))
    if problem["type"] == "value_error":
        return str(problem["ctx"]["error"])
    if problem["type"] == "extra_forbidden":
        return f"{name} is not a Renderjuice render setting."
    if problem["type"] == "missing":
        return f"{name} is missing."
    return f"{name}: {problem['msg']}."
