"""The object storage next to the API: signed PUT and GET, as strict as S3."""

from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from tests.farm.signing import BadSignature, Expired

if TYPE_CHECKING:
    from tests.farm.state import Farm

LIMIT = 5 * 1024**3  # an upload must be smaller


class S3Error(Exception):
    """An error response with S3's status and code."""

    def __init__(self, status: int, code: str, message: str):
        super().__init__(message)
        self.status = status
        self.code = code


def storage_app(farm: "Farm") -> Starlette:
    """Return the storage as an ASGI app."""

    async def one_file(request: Request) -> Response:
        try:
            path = _allowed(farm, request)
            if request.method == "PUT":
                return await _put(farm, request, path)
            return _get(path)
        except S3Error as error:
            xml = (
                '<?xml version="1.0" encoding="UTF-8"?>\n'
                f"<Error><Code>{error.code}</Code><Message>{escape(str(error))}</Message></Error>"
            )
            return Response(xml, error.status, media_type="application/xml")

    return Starlette(routes=[Route("/{key:path}", one_file, methods=["GET", "HEAD", "PUT"])])


def _allowed(farm: "Farm", request: Request) -> Path:
    """Return the file that this request may access; raises S3Error."""
    if "authorization" in request.headers:
        raise S3Error(
            400,
            "InvalidArgument",
            "Only one auth mechanism allowed; the signature and the Authorization header were both"
            " given",
        )
    key: str = request.path_params["key"]
    method = "GET" if request.method == "HEAD" else request.method
    try:
        farm.signer.check(method, key, request.query_params)
    except BadSignature:
        raise S3Error(
            403, "SignatureDoesNotMatch", "The signature does not match the request"
        ) from None
    except Expired:
        raise S3Error(403, "AccessDenied", "Request has expired") from None
    return farm.folder / key


async def _put(farm: "Farm", request: Request, path: Path) -> Response:
    if "transfer-encoding" in request.headers:
        raise S3Error(501, "NotImplemented", "Transfer-Encoding is not implemented")
    if "content-length" not in request.headers:
        raise S3Error(411, "MissingContentLength", "You must provide the Content-Length header")
    if int(request.headers["content-length"]) >= LIMIT:
        raise S3Error(400, "EntityTooLarge", "The upload must be smaller than 5 GiB")
    part = path.with_name(path.name + f".{id(request):x}.part")
    try:
        with part.open("wb") as file:
            async for block in request.stream():
                file.write(block)
        part.replace(path)
    except ClientDisconnect:
        return Response(status_code=400)
    finally:
        part.unlink(missing_ok=True)
    farm.log.add("event", event="uploaded", path=request.url.path, bytes=path.stat().st_size)
    return Response(status_code=200)


def _get(path: Path) -> Response:
    if not path.is_file():
        raise S3Error(404, "NoSuchKey", "The specified key does not exist")
    return FileResponse(path, media_type="application/octet-stream")
