"""The key with which this machine signs: Ed25519, in the workspace, or in the file that TWIN_SIGNING_KEY names."""

from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from twin.attestation.envelope import public_text
from twin.engine.folder import make_folder
from twin.engine.own_file import is_own, make_own
from twin.errors import UsageError

VARIABLE = "TWIN_SIGNING_KEY"
OWN = "signing.pem"


def signing_key(workspace: Path, environ: Mapping[str, str]) -> Ed25519PrivateKey:
    """Return the key; the workspace's is made at first use, for its user's eyes only. UsageError when it is none."""
    named = environ.get(VARIABLE)
    file = Path(named) if named else workspace / OWN
    try:
        if not named and not file.exists():
            make_folder(file.parent)
            made = Ed25519PrivateKey.generate()
            make_own(file, made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        data = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from error
    if not named:
        _refuse_shared(file)
    return _read(data, file)


def own_public(workspace: Path, environ: Mapping[str, str]) -> str:
    """Return the public half of the key, "" where none was made yet; nothing is written."""
    if not environ.get(VARIABLE) and not (workspace / OWN).exists():
        return ""
    return public_text(signing_key(workspace, environ).public_key())


def _refuse_shared(file: Path) -> None:
    """Refuse a key that others can read, or that is another user's: it vouches for nobody.

    One that was unpacked from an archive belongs to whoever unpacked it, and keeps its mode: it is not told apart.
    """
    if not is_own(file.stat()):
        raise UsageError(
            f"{file} is not yours alone, so that what it signs proves nothing; remove it, and `twin key` makes another "
            f"(or chmod 600 it, if you know that nobody has read it)"
        )


def _read(data: bytes, file: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(data, None)
    except (ValueError, TypeError) as error:
        raise UsageError(f"{file} holds no private key in PEM without a passphrase") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError(f"{file} holds another kind of key than Ed25519")
    return key
