"""A reply as botocore takes it, whoever carried it."""

import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from botocore.awsrequest import AWSResponse, HeadersDict


def received(url: str, status: int, headers: Iterable[tuple[str, str]], body: bytes) -> AWSResponse:
    """Return a reply as botocore takes it; of a repeated header the first counts."""
    return _Answer(url, status, Replied(headers), _Raw(body))


class _Answer(AWSResponse):  # type: ignore[misc]
    """A reply with the headers that it is given, which botocore copies."""

    def __init__(self, url: str, status_code: int, headers: HeadersDict, raw: Any) -> None:
        self.url, self.status_code, self.headers, self.raw = url, status_code, headers, raw
        self._content = None


class Replied(HeadersDict):  # type: ignore[misc]
    """Headers in which botocore, which looks for each that an operation may have, finds one in one step."""

    def __init__(self, headers: Iterable[tuple[str, str]]) -> None:
        self._names: dict[str, str] = {}
        self._dict: dict[str, Any] = {}
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

    @property
    def by_name(self) -> Mapping[str, Any]:
        """The headers by their names in small letters."""
        return self._dict

    def copy(self) -> HeadersDict:
        """Return the same headers, to be changed apart."""
        return Replied(self.items())


class _Raw(io.BytesIO):
    """A body that botocore can stream."""

    def stream(self, amt: int = 2**16, **_: Any) -> Any:
        """Yield the body in pieces."""
        while piece := self.read(amt):
            yield piece
