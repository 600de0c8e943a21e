"""One file of every authority that a client on this machine may trust: the machine's own, and the twin's.

Variables such as SSL_CERT_FILE replace a program's roots: a file with the twin's alone would cut it off the internet.
"""

import ssl
from collections.abc import Mapping
from pathlib import Path

# Where the distributions keep their roots as one file: https://go.dev/src/crypto/x509/root_linux.go
KNOWN = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
CHOSEN = ("SSL_CERT_FILE", "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE")


def write_bundle(root: Path, *, environ: Mapping[str, str]) -> Path:
    """Write the machine's roots and the twin's beside it; roots that the user chose come before the machine's."""
    bundle = root.with_name("bundle.pem")
    content = _own_roots(bundle, environ).read_text(errors="replace").rstrip() + "\n\n" + root.read_text()
    fresh = bundle.with_suffix(".new")
    fresh.write_text(content)
    fresh.replace(bundle)
    return bundle


def _own_roots(bundle: Path, environ: Mapping[str, str]) -> Path:
    chosen = [environ[name] for name in CHOSEN if environ.get(name)]
    default = ssl.get_default_verify_paths().cafile
    for name in (*chosen, *([default] if default else []), *KNOWN):
        path = Path(name)
        # A shell that has taken `twin env` already names the bundle itself.
        if path.is_file() and not (bundle.exists() and path.samefile(bundle)):
            return path
    from botocore.httpsession import where

    return Path(where())
