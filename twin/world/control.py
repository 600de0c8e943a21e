"""The served twin's own endpoint, `/_twin/…`: its faults, its clock, what happened; for the holder of its token."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map, Rule

from twin.clock import ShiftedClock
from twin.errors import FaultError
from twin.wire import Handle, Request, Response
from twin.world import snapshot
from twin.world.changes import changes
from twin.world.equal import same
from twin.world.injection import Injected
from twin.world.metering.told import told
from twin.world.sigv2 import SIGNED_QUERY
from twin.world.world import HEALTH, World

PREFIX = "/_twin/"
# A client that waits longer has given up: boto3 reads for 60 s by default.
LONGEST_SLEEP = 50.0
RULES = Map(
    [
        Rule("/_twin/faults", methods=["GET"], endpoint="list_faults"),
        Rule("/_twin/faults", methods=["POST"], endpoint="inject"),
        Rule("/_twin/faults/<id_>", methods=["GET"], endpoint="show"),
        Rule("/_twin/faults/<id_>", methods=["DELETE"], endpoint="heal"),
        Rule("/_twin/clock", methods=["GET"], endpoint="tell_time"),
        Rule("/_twin/clock", methods=["POST"], endpoint="advance"),
        Rule("/_twin/usage", methods=["GET"], endpoint="usage"),
        Rule("/_twin/happenings", methods=["GET"], endpoint="happenings"),
        Rule("/_twin/snapshot", methods=["POST"], endpoint="snapshot"),
    ]
)


class Refusal(Exception):
    """A request to the endpoint that is not carried out."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class Control:
    """Answers for `/_twin/…`, and hands everything else to the world; late answers are held back here.

    `sleep` lets real time pass, outside of the world's lock; `handle` answers everything else in the world's stead;
    `seal` is the key with which snapshots are sealed.
    """

    def __init__(
        self,
        world: World,
        clock: ShiftedClock,
        token: str,
        *,
        sleep: Callable[[float], None],
        handle: Handle | None = None,
        seal: bytes = b"",
    ) -> None:
        if not token:
            raise ValueError("an endpoint without a token is open to every process of this machine")
        self._world, self._clock, self._token, self._sleep = world, clock, token, sleep
        self._handle = handle or world.handle
        self._seal = seal

    def handle(self, request: Request) -> Response:
        """Answer a request of any host."""
        path = urlsplit(request.url).path
        if not path.startswith(PREFIX) or path == HEALTH or _signed(request):
            response = self._handle(request)
            if response.delay > 0:
                self._sleep(min(response.delay, LONGEST_SLEEP))
            return response
        try:
            self._admit(request)
            return _json(*self._answer(request, path))
        except Refusal as refusal:
            return _json(refusal.status, {"code": refusal.code, "message": refusal.message})

    def _admit(self, request: Request) -> None:
        told = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not same(self._token, told):
            raise Refusal(403, "TwinForbidden", "The twin's control endpoint needs its token: Authorization: Bearer …")

    def _answer(self, request: Request, path: str) -> tuple[int, Any]:
        try:
            endpoint, told = RULES.bind("twin").match(path, method=request.method)
        except MethodNotAllowed as wrong:
            raise Refusal(
                405, "TwinMethodNotAllowed", f"{path} takes {', '.join(wrong.valid_methods or ())}"
            ) from wrong
        except HTTPException as unknown:
            raise Refusal(404, "TwinNotFound", f"The twin's control endpoint has no {path}") from unknown
        with self._world.still():
            self._world.settle()
            try:
                return getattr(self, f"_{endpoint}")(request, **told)  # type: ignore[no-any-return]
            except FaultError as error:
                raise Refusal(400, "TwinFault", str(error)) from error

    def _list_faults(self, request: Request) -> tuple[int, Any]:
        faults = [self._told(id_, injected) for id_, injected in self._world.faults.all().items()]
        return 200, {"schema": 1, "faults": faults}

    def _usage(self, request: Request) -> tuple[int, Any]:
        return 200, told(self._world.scene)

    def _show(self, request: Request, id_: str) -> tuple[int, Any]:
        self._world.faults.effects(id_)
        return 200, self._told(id_, self._world.faults.all()[id_])

    def _inject(self, request: Request) -> tuple[int, Any]:
        asked = _body(request, {"kind": str, "with": dict, "name": str, "for": (int, float)}, needed="kind")
        seconds = asked.get("for")
        if seconds is not None and not 0 < seconds < float("inf"):
            raise Refusal(400, "TwinBadRequest", "for: a number of seconds, greater than 0")
        id_ = self._world.faults.inject(asked["kind"], asked.get("with"), name=asked.get("name"), seconds=seconds)
        return 201, self._told(id_, self._world.faults.all()[id_])

    def _heal(self, request: Request, id_: str) -> tuple[int, Any]:
        self._world.faults.heal(id_)
        return 200, self._told(id_, self._world.faults.all()[id_])

    def _tell_time(self, request: Request) -> tuple[int, Any]:
        due = self._world.agenda.next()
        return 200, {
            "schema": 1,
            "now": self._clock.now().isoformat(),
            "shift": self._clock.shift.total_seconds(),
            "next": due.isoformat() if due is not None else None,
        }

    def _advance(self, request: Request) -> tuple[int, Any]:
        seconds = _body(request, {"advance": (int, float)}, needed="advance")["advance"]
        try:
            self._clock.advance(seconds)
        except (ValueError, OverflowError) as wrong:
            raise Refusal(400, "TwinBadRequest", f"advance: {wrong}") from wrong
        self._world.settle()
        return self._tell_time(request)

    def _happenings(self, request: Request) -> tuple[int, Any]:
        first, calls, vendor_calls = (_number(request, name) for name in ("after", "calls", "vendor_calls"))
        found = self._world.scene.happenings[first or 0 :]
        told = [
            {"number": number, "time": h.time.isoformat(), "kind": h.kind, "facts": dict(h.facts)}
            for number, h in enumerate(found, (first or 0) + 1)
        ]
        counts = (self._world.gateway.trail.calls, len(self._world.vendors.evidence))
        return 200, {
            "schema": 1, "happenings": told, "next": (first or 0) + len(found),
            "changes": [] if calls is None or vendor_calls is None else changes(self._world, calls, vendor_calls),
            "calls": counts[0], "vendor_calls": counts[1],
        }  # fmt: skip

    def _snapshot(self, request: Request) -> tuple[int, Any]:
        path = Path(_body(request, {"file": str}, needed="file")["file"])
        if not self._seal or not path.is_absolute():
            raise Refusal(400, "TwinBadRequest", "file: an absolute path, on a twin that has a key to seal with")
        kept = snapshot.save(self._world, self._seal)
        try:
            new = path.with_name(f"{path.name}.new")
            new.unlink(missing_ok=True)
            new.touch(mode=0o600)
            new.write_bytes(kept)
            new.replace(path)
        except OSError as wrong:
            raise Refusal(400, "TwinBadRequest", f"file: {wrong.strerror}: {wrong.filename}") from wrong
        return 201, {"schema": 1, "file": str(path), "bytes": len(kept), "time": self._clock.now().isoformat()}

    def _told(self, id_: str, injected: Injected) -> Mapping[str, Any]:
        effects = self._world.faults.effects(id_)
        return {
            "id": id_,
            "kind": injected.kind,
            "with": dict(injected.options),
            "began": injected.began.isoformat(),
            "healed": injected.ended.isoformat() if injected.ended is not None else None,
            "effects": {"total": effects.total, **asdict(effects)},
        }


def _signed(request: Request) -> bool:
    """Tell whether a request is an AWS client's, whose object keys may look like ours."""
    return request.headers.get("Authorization", "").startswith("AWS") or bool(SIGNED_QUERY.search(request.url))


def _number(request: Request, name: str) -> int | None:
    """Return a number of the query, None where it is not there."""
    text = parse_qs(urlsplit(request.url).query).get(name, [""])[-1]
    if text and not (text.isascii() and text.isdigit()):
        raise Refusal(400, "TwinBadRequest", f"{name}: the number of the last one that you know")
    return int(text) if text else None


def _body(request: Request, known: Mapping[str, Any], *, needed: str) -> dict[str, Any]:
    try:
        found = json.loads(request.body)
    except ValueError as wrong:
        raise Refusal(400, "TwinBadRequest", "The body is no JSON.") from wrong
    if not isinstance(found, dict):
        raise Refusal(400, "TwinBadRequest", "The body is no JSON object.")
    for name, value in found.items():
        if name not in known:
            raise Refusal(400, "TwinBadRequest", f"{name}: unknown; known: {', '.join(known)}")
        if value is not None and (isinstance(value, bool) or not isinstance(value, known[name])):
            raise Refusal(400, "TwinBadRequest", f"{name}: of the wrong type")
    if found.get(needed) is None:
        raise Refusal(400, "TwinBadRequest", f"{needed}: missing")
    return found


def _json(status: int, value: Any) -> Response:
    body = json.dumps(value, default=str).encode()
    return Response(status, Headers([("Content-Type", "application/json")]), body)
