"""Builds the body of "start render" and validates it against the table in fields.py."""

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


class _Strict(BaseModel):
    """Rejects members that are not in the table, and values that it does not allow."""

    model_config = ConfigDict(extra="forbid", strict=True)
    group: ClassVar[str] = ""

    @field_validator("*", mode="before")
    @classmethod
    def _check_field(cls, value: Any, info: ValidationInfo) -> Any:
        name = f"{cls.group}{info.field_name}"
        if name not in fields.FIELDS:
            return value  # a nested model
        if sentence := fields.problem(name, value):
            raise ValueError(sentence)
        if fields.mark(name, value) == "unknown":
            raise ValueError(f"{name}: it is not known whether Renderjuice takes {value}.")
        return fields.whole(value)


class _StrictSettings(_Strict):
    group: ClassVar[str] = "outputSettings."


def _members(group: str) -> dict[str, Any]:
    """Arguments for `create_model`: (type, default) of each field in a group."""
    return {
        name.removeprefix(group): (
            _TYPES[field.type],
            ... if name == "colorManagementPreset" else None,
        )
        for name, field in fields.FIELDS.items()
        if name.rpartition(".")[0] == group.rstrip(".")
    }


_OutputSettings = create_model(
    "OutputSettings", __base__=_StrictSettings, **_members("outputSettings.")
)
RequestedRenderConfig = create_model(
    "RequestedRenderConfig",
    __base__=_Strict,
    **_members(""),
    outputSettings=(_OutputSettings, None),
)
"""`requestedRenderConfig`, made from the table in fields.py."""


def render_body(config: dict[str, Any]) -> dict[str, Any]:
    """The body of "start render" for a nested config. Raises ValueError with a sentence."""
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
