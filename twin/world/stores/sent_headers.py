"""A request as moto reads it: each header found in one step, all listed once, URL and body not put together anew."""

from collections.abc import Iterator
from functools import cached_property, lru_cache
from io import BytesIO
from typing import Any

from moto.core.request import PRESERVED_HEADER_NAMES_ENVIRON_KEY, EnvironHeaders
from moto.core.request import Request as MotoRequest
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.sansio.utils import get_current_url

CONTENT = ("CONTENT_TYPE", "CONTENT_LENGTH")
HEADER = "HTTP_"
ACCOUNT = "HTTP_X_MOTO_ACCOUNT_ID"
ENCODING = "HTTP_CONTENT_ENCODING"
READ = (
    "method", "scheme", "server", "root_path", "path", "query_string", "remote_addr", "shallow",
    "max_form_memory_size",
)  # fmt: skip
"""What werkzeug and moto read out of an environ when they make a request."""
NOTHING: ImmutableMultiDict[str, Any] = ImmutableMultiDict()
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_current_url = lru_cache(1024)(get_current_url)


class SentHeaders(EnvironHeaders):
    """The headers of a request; only its account is told after it was made."""

    def __init__(self, environ: dict[str, Any]) -> None:
        super().__init__(environ)
        self._listed: list[tuple[str, str]] | None = None

    def tell(self, account: str) -> None:
        """Tell in which account the request acts."""
        self.environ[ACCOUNT] = account
        self._listed = None

    def _get_key(self, key: str) -> str:
        if not isinstance(key, str):
            return super()._get_key(key)
        value: str = self.environ[environ_name(key)]
        return value

    def __getitem__(self, key: Any) -> str:  # type: ignore[override]
        return self._get_key(key)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and environ_name(key) in self.environ

    def keys(self, lower: bool = False) -> list[str]:
        """Return the names of the headers."""
        return [name.lower() if lower else name for name, _ in self]

    def get(self, key: str, default: Any = None, type: Any = None) -> Any:  # type: ignore[override]
        """Return the value of a header, or the default."""
        if type is not None:
            return super().get(key, default, type)
        return self.environ.get(environ_name(key), default)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        if self._listed is None:
            names = self.environ.get(PRESERVED_HEADER_NAMES_ENVIRON_KEY) or {}
            self._listed = [
                (names.get(key, name), value)
                for key, value in self.environ.items()
                if (name := _header_name(key)) and (value or key not in CONTENT)
            ]
        return iter(self._listed)


class SentRequest(MotoRequest):
    """A request whose environ was made from its canonical URL; `kept` is what was read of all that are equal."""

    def __init__(self, environ: dict[str, Any], body: bytes, kept: dict[Any, Any] | None = None) -> None:
        environ["wsgi.input"] = BytesIO(body)
        self.kept = {} if kept is None else kept
        if (read := self.kept.get(SentRequest)) is not None:
            self.__dict__.update(read)
            self.environ = environ
            environ["werkzeug.request"] = self
        else:
            super().__init__(environ)
            self.kept[SentRequest] = {name: vars(self)[name] for name in READ}
        self.headers: SentHeaders = SentHeaders(environ)
        if not (self.want_form_data_parsed or ENCODING in environ):
            self._cached_data = body
            vars(self).update(form=NOTHING, files=NOTHING)

    @property
    def want_form_data_parsed(self) -> bool:
        """Whether the body may be a form: of any other nothing is to be parsed, and it is at hand."""
        return str(self.environ.get("CONTENT_TYPE", "")).lower().startswith(FORMS)

    @cached_property
    def url(self) -> str:
        """The URL as werkzeug puts it together, once for each."""
        return _current_url(self.scheme, self.host, self.root_path, self.path, self.query_string)

    @property
    def raw_url(self) -> str:
        """The URL as it arrived, on the vendor's host."""
        query = self.environ["QUERY_STRING"]
        url = f"https://{self.environ['HTTP_HOST']}{self.raw_path}"
        return f"{url}?{query}" if query else url


@lru_cache(4096)
def environ_name(header: str) -> str:
    """Return under which key WSGI keeps a header."""
    key = header.upper().replace("-", "_")
    return key if key in CONTENT else HEADER + key


@lru_cache(4096)
def _header_name(key: str) -> str:
    """Return the header that WSGI keeps under a key; "" for what is none."""
    if key in CONTENT:
        return key.replace("_", "-").title()
    if key.startswith(HEADER) and key.removeprefix(HEADER) not in CONTENT:
        return key.removeprefix(HEADER).replace("_", "-").title()
    return ""
