"""The API's request bodies: fields and types that are not documented are refused."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Number = Annotated[float, Field(ge=1, allow_inf_nan=False)]
Whole = Annotated[float, Field(ge=1, multiple_of=1, allow_inf_nan=False)]
Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


def _range(text: str) -> str:
    first, dash, last = text.partition("-")
    numbers = [first, last] if dash else [first]
    if not all(number.isascii() and number.isdigit() for number in numbers):
        raise ValueError('a frame range is "7" or "1-250"')
    if dash and int(first) > int(last):
        raise ValueError("a frame range must not run backwards")
    return text


FrameRange = Annotated[str, AfterValidator(_range)]


class Strict(BaseModel):
    """Base model that refuses extra fields and does not convert types."""

    model_config = ConfigDict(extra="forbid", strict=True)

    @model_validator(mode="before")
    @classmethod
    def _no_nulls(cls, given: object) -> object:
        """Refuse null: it is not documented for any field."""
        if isinstance(given, dict):
            nulls = [name for name, value in given.items() if value is None]
            if nulls:
                raise ValueError(f"null is no value for {', '.join(nulls)}: leave the field out")
        return given


class OutputSettings(Strict):
    """The object `requestedRenderConfig.outputSettings`."""

    colorMode: Literal["BW", "RGB", "RGBA"] | None = None
    colorDepth: Literal["8", "10", "12", "16", "32"] | None = None
    exrCodec: (
        Literal["NONE", "ZIP", "ZIPS", "PIZ", "PXR24", "RLE", "B44", "B44A", "DWAA", "DWAB"] | None
    ) = None
    tiffCodec: Literal["NONE", "DEFLATE", "LZW", "PACKBITS"] | None = None
    compression: Percent | None = None
    quality: Percent | None = None


class RenderConfig(Strict):
    """The object `requestedRenderConfig`: only the first field is required."""

    colorManagementPreset: Literal["default", "aces"]
    frameRanges: Annotated[list[FrameRange], Field(min_length=1)] | None = None
    notes: str | None = None
    renderEngine: Literal["CYCLES", "BLENDER_EEVEE", "BLENDER_EEVEE_NEXT"] | None = None
    compositorDevice: Literal["CPU", "GPU"] | None = None
    computeDeviceType: Literal["CUDA", "OPTIX"] | None = None
    gpuCount: Whole | None = None
    sampleCount: Whole | None = None
    denoisingEnabled: bool | None = None
    denoiserType: Literal["OPTIX", "OPENIMAGEDENOISE"] | None = None
    resolution: Annotated[list[Whole], Field(min_length=2, max_length=2)] | None = None
    resolutionPercentage: Annotated[Whole, Field(le=32767)] | None = None
    outputFormat: Literal["PNG", "OPEN_EXR", "JPEG", "TIFF"] | None = None
    fps: Number | None = None
    useTiling: bool | None = None
    tileSize: Whole | None = None
    outputSettings: OutputSettings | None = None
    minimumRam: Number | None = None


class RenderRequest(Strict):
    """Body of `POST /jobs/{id}/render`."""

    requestedRenderConfig: RenderConfig


class UploadRequest(Strict):
    """Body of `POST /uploads`."""

    fileName: Annotated[str, Field(min_length=1, max_length=255)]
    fileType: Literal["blend", "zip"]

    @model_validator(mode="after")
    def _named_like_its_type(self) -> Self:
        if not self.fileName.lower().endswith(f".{self.fileType}"):
            raise ValueError("fileType does not match the extension of fileName")
        if any(sign in self.fileName for sign in '/\\:\0"'):
            raise ValueError("fileName is a name, not a path")
        return self


class JobRequest(Strict):
    """Body of `POST /jobs`."""

    slug: str


def frames_of(ranges: list[str]) -> list[int]:
    """Return the frames of `frameRanges`, sorted and without duplicates."""
    frames: set[int] = set()
    for text in ranges:
        first, _, last = text.partition("-")
        frames.update(range(int(first), int(last or first) + 1))
    return sorted(frames)
