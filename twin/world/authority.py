"""A certificate authority of one user, which vouches for this machine's loopback and for nothing else."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from twin.errors import UsageError
from twin.world.certificates import NAMES, certificate_pem, issue_leaf, issue_root, key_pem, names_of

ROOT_VALID = timedelta(days=3650)
LEAF_VALID = timedelta(days=90)
# A certificate that ends sooner than this is renewed before it is served.
RENEWED = timedelta(days=14)
OTHERS = 0o077
OTHERS_WRITE = 0o022


@dataclass(frozen=True, slots=True)
class Identity:
    """The files by which a server proves that it is the twin; `root` is what its clients have to trust."""

    root: Path
    certificate: Path
    key: Path


def identity(folder: Path, *, now: datetime) -> Identity:
    """Return the user's identity of the twin, made on first use and renewed when it is about to end.

    UsageError when the authority in the folder is broken, has ended, or could have been read or changed by others.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = Identity(folder / "ca.pem", folder / "twin.pem", folder / "twin-key.pem")
    root_key = folder / "ca-key.pem"
    with _alone(folder):
        if not found.root.exists() and not root_key.exists():
            root, signer = issue_root(now=now, valid=ROOT_VALID)
            _write(root_key, key_pem(signer))
            _write(found.root, certificate_pem(root))
        root, signer = _load(found.root, root_key)
        if root.not_valid_after_utc <= now + LEAF_VALID:
            raise UsageError(f"the test authority {found.root} ends too soon: {_remedy(folder)}")
        if not _good_leaf(found, root, now):
            leaf, key = issue_leaf(root, signer, now=now, valid=LEAF_VALID)
            _write(found.key, key_pem(key))
            _write(found.certificate, certificate_pem(leaf))
    return found


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep out other processes of the user's, and refuse a folder that others may change."""
    state = folder.stat()
    if state.st_uid != os.getuid() or state.st_mode & OTHERS_WRITE:
        raise UsageError(f"others can change the test authority's folder: chmod 700 {folder}, or {_remedy(folder)}")
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _load(certificate: Path, key: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """Read a certificate and the key that belongs to it."""
    if key.exists() and key.stat().st_mode & OTHERS:
        raise UsageError(
            f"the private key {key} can be read by others, who could play the twin to your clients: "
            f"{_remedy(key.parent)}"
        )
    try:
        read = x509.load_pem_x509_certificate(certificate.read_bytes())
        signer = load_pem_private_key(key.read_bytes(), password=None)
    except (FileNotFoundError, ValueError, TypeError) as error:
        raise UsageError(f"the test authority in {key.parent} is broken ({error}): {_remedy(key.parent)}") from error
    if not isinstance(signer, ec.EllipticCurvePrivateKey) or signer.public_key() != read.public_key():
        raise UsageError(f"{key} does not belong to {certificate}: {_remedy(key.parent)}")
    return read, signer


def _remedy(folder: Path) -> str:
    return f"remove the folder {folder} and start the twin again, which makes a new authority"


def _good_leaf(found: Identity, root: x509.Certificate, now: datetime) -> bool:
    """Tell whether the server's certificate can still be served; one of another authority cannot."""
    if not found.certificate.exists() or not found.key.exists():
        return False
    leaf, _ = _load(found.certificate, found.key)
    try:
        leaf.verify_directly_issued_by(root)
    except (InvalidSignature, ValueError):
        return False
    return leaf.not_valid_before_utc <= now < leaf.not_valid_after_utc - RENEWED and names_of(leaf) == NAMES


def _write(path: Path, content: bytes) -> None:
    """Write a file that was never readable by others, whole or not at all."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    fresh.replace(path)
