"""The key with which this machine's user signs: Ed25519, in the user's own folder, or in the file that is named."""

import shlex
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from twin.attestation.envelope import public_text
from twin.engine.own_file import own_content
from twin.engine.seal import own_folder
from twin.errors import UsageError

VARIABLE = "TWIN_SIGNING_KEY"
OWN = "signing.pem"


def signing_key(workspace: Path, environ: Mapping[str, str]) -> Ed25519PrivateKey:
    """Return the key that is named, else the user's own, made at first use, for its user's eyes only.

    UsageError when it is none, and where the workspace has one from when keys lay there: who has the folder has it.
    """
    if named := environ.get(VARIABLE):
        return _read(_named(Path(named)), Path(named))
    own = _own(workspace, environ)
    try:
        data = own_content(own, _made)
    except OSError as error:
        raise UsageError(f"{own}: {error.strerror}") from error
    if data is None:
        raise UsageError(
            f"{own} is not yours alone, so that what it signs proves nothing; remove it, and `twin key` makes another "
            f"(or chmod 600 it, if you know that nobody has read it)"
        )
    return _read(data, own)


def own_public(workspace: Path, environ: Mapping[str, str]) -> str:
    """Return the public half of the key, "" where none was made yet; nothing is written."""
    if not environ.get(VARIABLE) and not _own(workspace, environ).exists():
        return ""
    return public_text(signing_key(workspace, environ).public_key())


def _own(workspace: Path, environ: Mapping[str, str]) -> Path:
    """Return where the user's own key is; UsageError while the workspace has one, which may be what specs name."""
    own, there = own_folder(environ) / OWN, workspace / OWN
    if there.exists():
        told = f"{there} came with this folder, and who else has the folder signs as you: it is taken no more"
        move = f"mkdir -p {shlex.quote(str(own.parent))} && mv {shlex.quote(str(there))} {shlex.quote(str(own))}"
        keep = f"{own} is yours" if own.exists() else f"if you made it, and nobody else has had it, keep it: {move}"
        raise UsageError(
            f"{told}; {keep}. Else remove it: `twin key` tells the public key of your own, which specs name. To sign "
            f"with it once more: {VARIABLE}={shlex.quote(str(there))}"
        )
    return own


def _named(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError as error:
        make = f"openssl genpkey -algorithm ed25519 -out {shlex.quote(str(file))}"
        raise UsageError(f"{file}, which {VARIABLE} names, is not there; make one: {make}") from error
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from error


def _made() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _read(data: bytes, file: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(data, None)
    except (ValueError, TypeError) as error:
        raise UsageError(f"{file} holds no private key in PEM without a passphrase") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError(f"{file} holds another kind of key than Ed25519")
    return key
