"""A world as bytes, and back: for another process, another day, a faster start.

The body is a pickle, which runs code when it is read; so a snapshot is sealed with a key of its maker's, and one that
carries another seal, or comes from another version of what wrote it, is refused before it is read.
"""

import copyreg
import hashlib
import hmac
import io
import json
import pickle
import platform
import threading
import zlib
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any
from weakref import WeakValueDictionary

import cloudpickle
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)
from moto.core.base_backend import BackendDict

from twin import __version__
from twin.clock import Clock
from twin.errors import UsageError
from twin.world.stores.moto_store import backends, reset_moto
from twin.world.world import World

MAGIC = b"twin world\n"
SCHEMA = 4
PRIVATE = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
PUBLIC = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey
Versions = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a snapshot holds: the world, its instant, and whatever its maker put beside it (`beside`)."""

    world: World
    time: datetime
    beside: Any = None


def versions() -> Versions:
    """Return what must be the same where a snapshot is read as where it was written."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {"schema": SCHEMA, "twin": __version__, "python": python, "moto": version("moto")}


def save(world: World, key: bytes, *, beside: Any = None) -> bytes:
    """Return a world as bytes, sealed with `key`; what is `beside` travels with it.

    UsageError for a world whose services are not all in this process.
    """
    if world.gateway.store.elsewhere:
        raise UsageError("a world with LocalStack beside it cannot be kept: what LocalStack holds stays there")
    with world.still():
        body = _pickled({"world": world, "time": world.clock.now(), "stores": _stores(), "beside": beside,
                         "members": dict(_members())})  # fmt: skip
    head = json.dumps(versions(), sort_keys=True).encode() + b"\n"
    packed = zlib.compress(body, 1)
    return MAGIC + head + hmac.digest(key, head + packed, hashlib.sha256) + packed


def restore(kept: bytes, key: bytes, clock: Callable[[datetime], Clock]) -> Snapshot:
    """Make the world of a snapshot the world of this process, led by the clock that `clock` makes of its instant.

    UsageError when it is no snapshot, was sealed with another key, or comes from another version.
    """
    head, body = _opened(kept, key)
    written = json.loads(head)
    if written != versions():
        told = ", ".join(f"{name} {written.get(name)} (here {here})" for name, here in versions().items()
                         if written.get(name) != here)  # fmt: skip
        raise UsageError(f"the snapshot comes from {told}; make it anew")
    # Emptying moto closes the files of every object that it tracks, those just read too; so it comes first.
    World.end()
    reset_moto()
    state = pickle.loads(zlib.decompress(body))  # noqa: S301 - sealed with the reader's own key
    world: World = state["world"]
    _put(state["stores"])
    _members().update(state["members"])
    world.resume(clock(state["time"]))
    return Snapshot(world, state["time"], state["beside"])


def _opened(kept: bytes, key: bytes) -> tuple[bytes, bytes]:
    if not kept.startswith(MAGIC):
        raise UsageError("this is no snapshot of a world")
    head, _, rest = kept[len(MAGIC) :].partition(b"\n")
    seal, body = rest[:32], rest[32:]
    if not hmac.compare_digest(seal, hmac.digest(key, head + b"\n" + body, hashlib.sha256)):
        raise UsageError("the snapshot was changed, or sealed with another key than yours; make it anew")
    return head, body


def _stores() -> dict[tuple[str, str, str], Any]:
    instances: Any = vars(BackendDict)["_instances"]
    found = {}
    for kept in instances:
        for account, region, backend in kept.iter_backends():
            found[kept.service_name, account, region] = backend
    return found


def _members() -> dict[str, Any]:
    """Return the management accounts of organizations by their members, which moto keeps beside its backends."""
    members: dict[str, Any] = vars(backends("organizations"))["master_accounts"]
    return members


def _put(stores: Mapping[tuple[str, str, str], Any]) -> None:
    for (service, account, region), backend in stores.items():
        dict.__setitem__(backends(service)[account], region, backend)
        if service == "s3":
            # moto keeps beside its backends whose a bucket is, by which other accounts find it.
            owners: dict[str, tuple[str, str]] = vars(backends("s3"))["bucket_accounts"]
            owners.update(dict.fromkeys(backend.buckets, (region, account)))


class _Pickler(cloudpickle.Pickler):  # type: ignore[misc]
    """Pickles what moto keeps and the standard pickle refuses: private keys, locks, functions made in place."""

    def reducer_override(self, thing: Any) -> Any:
        if isinstance(thing, BackendDict):
            return backends, (thing.service_name,)
        if isinstance(thing, PRIVATE):
            return _private_key, (thing.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),)
        if isinstance(thing, PUBLIC):
            written = thing.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            return _public_key, (written,)
        if isinstance(thing, x509.Certificate):
            return _certificate, (thing.public_bytes(Encoding.DER),)
        if isinstance(thing, WeakValueDictionary):  # moto's functions by their ARNs; it holds them elsewhere too
            return WeakValueDictionary, (), None, None, iter(list(thing.items()))
        if isinstance(thing, _RLOCK):
            return threading.RLock, ()
        if isinstance(thing, _LOCK):
            return threading.Lock, ()
        if isinstance(thing, _GENERATOR):
            # moto's tagging API keeps the generator of a listing that is under way; the next page begins anew.
            return iter, ((),)
        if isinstance(thing, defaultdict) and type(thing) is not defaultdict:
            # moto's own mappings take other arguments than those with which the standard pickle makes them anew.
            state = (vars(thing), thing.default_factory)
            return copyreg.__newobj__, (type(thing),), state, None, iter(thing.items()), _set_mapping  # type: ignore[attr-defined]
        return super().reducer_override(thing)


_RLOCK, _LOCK = type(threading.RLock()), type(threading.Lock())
_GENERATOR = type(_ for _ in ())


def _set_mapping(thing: Any, state: tuple[dict[str, Any], Any]) -> None:
    vars(thing).update(state[0])
    thing.default_factory = state[1]


# The functions of `cryptography` are not found by name when they are read back, so ours stand before them.
def _private_key(written: bytes) -> Any:
    return load_der_private_key(written, None)


def _public_key(written: bytes) -> Any:
    return load_der_public_key(written)


def _certificate(written: bytes) -> x509.Certificate:
    return x509.load_der_x509_certificate(written)


def _pickled(state: Any) -> bytes:
    buffer = io.BytesIO()
    _Pickler(buffer).dump(state)
    return buffer.getvalue()
