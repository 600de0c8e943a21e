"""The clients of vendors that speak JSON over HTTP: all but AWS."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from twin.errors import TargetError
from twin.resources.call import Call, Refused
from twin.resources.mounting import MountedAdapter
from twin.resources.pacing import Bucket
from twin.wire import Handle

# A POST that was answered by a gateway's error may have been carried out, so it is never sent again by itself.
RETRY = Retry(
    total=6,
    backoff_factor=0.5,
    status_forcelist=(429, 502, 503, 504),
    allowed_methods=("GET", "PUT", "DELETE"),
    respect_retry_after_header=True,
    raise_on_status=False,
)


TOO_MANY = 429


def transient(call: Call, status: int) -> bool:
    """Tell whether a call that got this status was not carried out, and may succeed when it is sent again."""
    return status == 429 or (status in (502, 503, 504) and call.operation != "POST")


class HttpSystem:
    """A session on one vendor's base URL with its authorization header; `roots` is a file of those whom it trusts."""

    def __init__(
        self,
        base_url: str,
        authorization: str,
        *,
        handle: Handle | None = None,
        roots: str | None = None,
        timeout: float = 60,
    ) -> None:
        self.calls = 0
        self.bucket: Bucket | None = None
        self.base_url = base_url.rstrip("/")
        self.timeout = timeout
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = roots or True
        self.session.headers.update({"Authorization": authorization, "Accept": "application/json, application/xml"})
        adapter = MountedAdapter(handle) if handle is not None else HTTPAdapter(max_retries=RETRY)
        self.session.mount(self.base_url, adapter)

    def execute(self, call: Call) -> Any:
        """Send a call; every page of it when it asks for pages."""
        return self._pages(call) if call.pages else self._decode(call, self._send(call, self.base_url + call.service))

    def _send(self, call: Call, url: str, extra: dict[str, Any] | None = None) -> requests.Response:
        if urlsplit(url).netloc != urlsplit(self.base_url).netloc:
            raise TargetError(f"{call}: the vendor points to another host, {url}")
        self.calls += 1
        if self.bucket is not None:
            self.bucket.take()
        try:
            reply = self.session.request(
                call.operation,
                url,
                params={**call.params.get("query", {}), **(extra or {})} or None,
                json=call.params.get("json"),
                timeout=self.timeout,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise TargetError(f"{call}: {error}") from error
        if self.bucket is not None:
            (self.bucket.throttled if _throttled(reply) else self.bucket.passed)()
        return reply

    def _pages(self, call: Call) -> list[Any]:
        raise NotImplementedError

    def _decode(self, call: Call, reply: requests.Response) -> Any:
        raise NotImplementedError


def _throttled(reply: requests.Response) -> bool:
    """Tell whether a call was too many, at its first try or at a later one."""
    retries = getattr(reply.raw, "retries", None)
    before = retries.history if retries is not None else ()
    return reply.status_code == TOO_MANY or any(one.status == TOO_MANY for one in before)


def following_pages(
    call: Call, send: Callable[[Call, str], requests.Response], base_url: str
) -> Iterator[requests.Response]:
    """Yield the replies of a list's pages, each found by the `Link` header of the one before."""
    url, sent = base_url + call.service, call
    while True:
        reply = send(sent, url)
        yield reply
        following = reply.links.get("next")
        if following is None:
            return
        # The next page's URL carries the whole query already.
        url, sent = following["url"], Call(call.system, call.service, call.operation, {}, absent=call.absent)


def body(call: Call, reply: requests.Response) -> Any:
    """Decode a reply: JSON, or an XML document as its text; Refused when it is neither."""
    if not reply.content:
        return None
    if "xml" in reply.headers.get("Content-Type", ""):
        return reply.text
    try:
        return reply.json()
    except ValueError as error:
        raise Refused(call, "NotJson", reply.text[:200], status=reply.status_code) from error
