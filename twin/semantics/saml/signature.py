"""XML signatures over an element that holds them: whose key made it, and whether nothing was changed.

https://www.w3.org/TR/xmldsig-core1/
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from xml.dom.minidom import Element

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from twin.semantics.saml.canonical import canonical
from twin.semantics.saml.document import SIGNATURE, children, only, text_of
from twin.semantics.saml.untrusted import Untrusted

EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = SIGNATURE + "enveloped-signature"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
# SHA-1 is left out: its collisions can be made.
METHODS: dict[str, hashes.HashAlgorithm] = {
    f"{MORE}rsa-sha256": hashes.SHA256(), f"{MORE}rsa-sha384": hashes.SHA384(), f"{MORE}rsa-sha512": hashes.SHA512(),
}  # fmt: skip
DIGESTS = {
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256", f"{MORE}sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}  # fmt: skip


def verify(element: Element, certificates: Sequence[x509.Certificate]) -> bool:
    """Tell whether an element carries a signature over itself; Untrusted when that does not hold.

    Only the given certificates are trusted, whatever the signature brings along.
    """
    found = children(element, SIGNATURE, "Signature")
    if not found:
        return False
    if len(found) > 1:
        raise Untrusted("bad_signature", "the element carries more than one signature")
    signature = found[0]
    told = only(signature, SIGNATURE, "SignedInfo")
    _check_digest(element, signature, only(told, SIGNATURE, "Reference"))
    way = only(told, SIGNATURE, "CanonicalizationMethod")
    if way.getAttribute("Algorithm") != EXCLUSIVE:
        raise Untrusted("bad_signature", f"the canonicalization {way.getAttribute('Algorithm')} is not accepted")
    method = only(told, SIGNATURE, "SignatureMethod").getAttribute("Algorithm")
    if method not in METHODS:
        raise Untrusted("bad_signature", f"the signature method {method} is not accepted")
    value, content = _bytes(only(signature, SIGNATURE, "SignatureValue")), canonical(told, inclusive=_prefixes(way))
    if not any(_made(certificate, value, content, METHODS[method]) for certificate in certificates):
        raise Untrusted("bad_signature", "the signature is not that of the provider's key")
    return True


def _made(certificate: x509.Certificate, value: bytes, content: bytes, digest: hashes.HashAlgorithm) -> bool:
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        return False
    try:
        key.verify(value, content, padding.PKCS1v15(), digest)
    except InvalidSignature:
        return False
    return True


def _check_digest(element: Element, signature: Element, reference: Element) -> None:
    if reference.getAttribute("URI") != f"#{element.getAttribute('ID')}" or not element.getAttribute("ID"):
        raise Untrusted("bad_signature", "the signature is over another element than the one that carries it")
    steps = children(only(reference, SIGNATURE, "Transforms"), SIGNATURE, "Transform")
    ways = [step.getAttribute("Algorithm") for step in steps]
    if ways != [ENVELOPED, EXCLUSIVE]:
        raise Untrusted("bad_signature", f"the transforms {ways} are not accepted")
    method = only(reference, SIGNATURE, "DigestMethod").getAttribute("Algorithm")
    if method not in DIGESTS:
        raise Untrusted("bad_signature", f"the digest method {method} is not accepted")
    content = canonical(element, inclusive=_prefixes(steps[-1]), without=signature)
    wanted = _bytes(only(reference, SIGNATURE, "DigestValue"))
    if not hmac.compare_digest(wanted, hashlib.new(DIGESTS[method], content).digest()):
        raise Untrusted("bad_signature", "the element was changed after it was signed")


def _prefixes(step: Element) -> frozenset[str]:
    listed = children(step, EXCLUSIVE, "InclusiveNamespaces")
    names = listed[0].getAttribute("PrefixList").split() if listed else []
    return frozenset("" if name == "#default" else name for name in names)


def _bytes(element: Element) -> bytes:
    try:
        return base64.b64decode("".join(text_of(element).split()), validate=True)
    except binascii.Error:
        raise Untrusted("bad_signature", f"the element {element.tagName} is not base64") from None
