"""A reply as botocore takes it, whoever carried it, and what botocore's own parser reads in it."""

import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.endpoint import convert_to_response_dict
from botocore.httpchecksum import handle_checksum_body
from botocore.model import OperationModel


def received(url: str, status: int, headers: Iterable[tuple[str, str]], body: bytes) -> AWSResponse:
    """Return a reply as botocore takes it; of a repeated header the first counts."""
    response = AWSResponse(url, status, {}, _Raw(body))
    response.headers = _Replied(headers)
    return response


def parsed(
    client: Any, model: OperationModel, told: Mapping[str, Any], http: AWSResponse, *, final: int = 0
) -> dict[str, Any] | None:
    """Read a reply as `client` reads that of a call which it sent with the context `told`.

    None for an error, as what botocore makes of it may depend on more; one with the status `final` is raised.
    """
    context, events = dict(told), client.meta.events
    name = f"{model.service_model.service_id.hyphenize()}.{model.name}"
    response = convert_to_response_dict(http, model)
    handle_checksum_body(http, response, context, model)
    more: dict[str, Any] = {}
    events.emit(f"before-parse.{name}", operation_model=model, response_dict=response, customized_response_dict=more)
    found: dict[str, Any] = client._response_parser.parse(response, model.output_shape) | more
    status = found["ResponseMetadata"]["HTTPStatusCode"]
    if status >= 300 and status != final:
        return None
    events.emit(f"after-call.{name}", http_response=http, parsed=found, model=model, context=context)
    if status >= 300:
        raise client.exceptions.from_code(found.get("Error", {}).get("Code"))(found, model.name)
    return found


class _Replied(HeadersDict):  # type: ignore[misc]
    """Headers in which botocore, which looks for each that an operation may have, finds one in one step."""

    def __init__(self, headers: Iterable[tuple[str, str]]) -> None:
        self._names: dict[str, str] = {}
        self._dict: dict[str, str] = {}
        for name, value in headers:
            key = name.lower()
            self._names.setdefault(key, name)
            self._dict.setdefault(key, value)

    def __setitem__(self, key: str, value: Any) -> None:
        self._names.setdefault(key.lower(), key)
        self._dict[key.lower()] = value

    def __getitem__(self, key: str) -> Any:
        return self._dict[key.lower()]

    def __delitem__(self, key: str) -> None:
        del self._dict[key.lower()], self._names[key.lower()]

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key.lower() in self._dict

    def __iter__(self) -> Iterator[str]:
        return iter(self._names.values())

    def copy(self) -> HeadersDict:
        """Return the same headers, to be changed apart."""
        return _Replied(self.items())


class _Raw(io.BytesIO):
    """A body that botocore can stream."""

    def stream(self, amt: int = 2**16, **_: Any) -> Any:
        """Yield the body in pieces."""
        while piece := self.read(amt):
            yield piece
