"""A provider's metadata: its entity id, and the certificates whose keys sign for it."""

import base64
from dataclasses import dataclass

from cryptography import x509

from twin.semantics.saml.document import METADATA, SIGNATURE, children, elements, parse, text_of
from twin.semantics.saml.untrusted import Untrusted


@dataclass(frozen=True, slots=True)
class Provider:
    """An identity provider as its metadata describes it."""

    entity: str
    certificates: tuple[x509.Certificate, ...]


def metadata(text: str) -> Provider:
    """Read an identity provider's metadata; Untrusted when it describes none, or no key that signs."""
    root = parse(text.encode()).documentElement
    if root is None or (root.namespaceURI, root.localName) != (METADATA, "EntityDescriptor"):
        raise Untrusted("malformed", "the metadata describes no entity")
    roles = children(root, METADATA, "IDPSSODescriptor")
    if not roles or not root.getAttribute("entityID"):
        raise Untrusted("incomplete", "the metadata describes no identity provider")
    keys = children(roles[0], METADATA, "KeyDescriptor")
    signing = [key for key in keys if key.getAttribute("use") in ("", "signing")]
    found = [
        _certificate(text_of(one))
        for key in signing
        for one in elements(key)
        if (one.namespaceURI, one.localName) == (SIGNATURE, "X509Certificate")
    ]
    if not found:
        raise Untrusted("incomplete", "the metadata has no certificate for signatures")
    return Provider(root.getAttribute("entityID"), tuple(found))


def _certificate(text: str) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(base64.b64decode("".join(text.split())))
    except ValueError as wrong:
        raise Untrusted("malformed", f"the metadata's certificate is none: {wrong}") from None
