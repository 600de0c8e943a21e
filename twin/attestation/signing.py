"""The key with which this machine signs: Ed25519, in the workspace, or in the file that TWIN_SIGNING_KEY names."""

from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from twin.errors import UsageError

VARIABLE = "TWIN_SIGNING_KEY"


def signing_key(workspace: Path, environ: Mapping[str, str]) -> Ed25519PrivateKey:
    """Return the key; the workspace's is made at first use, for its user's eyes only. UsageError when it is none."""
    named = environ.get(VARIABLE)
    file = Path(named) if named else workspace / "signing.pem"
    if not named and not file.exists():
        workspace.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        made = Ed25519PrivateKey.generate()
        file.write_bytes(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    try:
        key = load_pem_private_key(file.read_bytes(), None)
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from error
    except (ValueError, TypeError) as error:
        raise UsageError(f"{file} holds no private key in PEM without a passphrase") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError(f"{file} holds another kind of key than Ed25519")
    return key
