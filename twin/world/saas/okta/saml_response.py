"""A SAML response as Okta writes and signs it: an assertion about one user for one app, for a few minutes."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from xml.dom.minidom import Element, parseString
from xml.sax.saxutils import escape, quoteattr

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from twin.semantics.saml.canonical import canonical
from twin.world.saas.okta.saml_attributes import Audience
from twin.world.saas.okta.signing_keys import certificate, certificate_text, private_key
from twin.world.saas.okta.state import Org, Record, stamp

ASSERTION, PROTOCOL = "urn:oasis:names:tc:SAML:2.0:assertion", "urn:oasis:names:tc:SAML:2.0:protocol"
SIGNATURE, EXCLUSIVE = "http://www.w3.org/2000/09/xmldsig#", "http://www.w3.org/2001/10/xml-exc-c14n#"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
ENTITY, BEARER = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity", "urn:oasis:names:tc:SAML:2.0:cm:bearer"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
TYPES = 'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
BEFORE = timedelta(minutes=5)
MARK = "<!--signature-->"


@dataclass(frozen=True, slots=True)
class Statement:
    """What is to be said: about whom, to whom, since when the user is signed on."""

    issuer: str
    subject: str
    to: Audience
    signed_on: datetime
    attributes: list[tuple[str, str, list[str]]]


def response(org: Org, app: Record, said: Statement) -> str:
    """Return the signed response in base64, as the form that posts it holds it."""
    now = org.clock.now()
    inner, outer = f"id{org.ids.word(32)}", f"id{org.ids.word(32)}"
    assertion = _assertion(said, inner, now)
    if said.to.sign_assertion:
        assertion = _signed(org, app, assertion, inner)
    whole = (
        f'<saml2p:Response xmlns:saml2p="{PROTOCOL}" Destination={quoteattr(said.to.destination)} ID="{outer}" '
        f'IssueInstant="{stamp(now)}" Version="2.0">{_issuer(said.issuer)}{MARK}'
        f'<saml2p:Status><saml2p:StatusCode Value="{SUCCESS}"/></saml2p:Status>{assertion}</saml2p:Response>'
    )
    if said.to.sign_response:
        whole = _signed(org, app, whole, outer)
    text = f'<?xml version="1.0" encoding="UTF-8"?>{whole.replace(MARK, "")}'
    return base64.b64encode(text.encode()).decode()


def _issuer(name: str) -> str:
    return f'<saml2:Issuer xmlns:saml2="{ASSERTION}" Format="{ENTITY}">{escape(name)}</saml2:Issuer>'


def _assertion(said: Statement, key: str, now: datetime) -> str:
    to, ends = said.to, stamp(now + timedelta(seconds=said.to.seconds))
    return (
        f'<saml2:Assertion xmlns:saml2="{ASSERTION}" ID="{key}" IssueInstant="{stamp(now)}" Version="2.0">'
        f"{_issuer(said.issuer)}{MARK}"
        f'<saml2:Subject><saml2:NameID Format="{to.name_format}">{escape(said.subject)}</saml2:NameID>'
        f'<saml2:SubjectConfirmation Method="{BEARER}"><saml2:SubjectConfirmationData NotOnOrAfter="{ends}" '
        f"Recipient={quoteattr(to.recipient)}/></saml2:SubjectConfirmation></saml2:Subject>"
        f'<saml2:Conditions NotBefore="{stamp(now - BEFORE)}" NotOnOrAfter="{ends}"><saml2:AudienceRestriction>'
        f"<saml2:Audience>{escape(to.audience)}</saml2:Audience></saml2:AudienceRestriction></saml2:Conditions>"
        f'<saml2:AuthnStatement AuthnInstant="{stamp(said.signed_on)}" SessionIndex="{key}"><saml2:AuthnContext>'
        f"<saml2:AuthnContextClassRef>{escape(to.context)}</saml2:AuthnContextClassRef></saml2:AuthnContext>"
        f"</saml2:AuthnStatement>{_attributes(said.attributes)}</saml2:Assertion>"
    )


def _attributes(rows: list[tuple[str, str, list[str]]]) -> str:
    if not rows:
        return ""
    told = "".join(
        f'<saml2:Attribute Name={quoteattr(name)} NameFormat="{form}">'
        + "".join(
            f'<saml2:AttributeValue {TYPES} xsi:type="xs:string">{escape(value)}</saml2:AttributeValue>'
            for value in values
        )
        + "</saml2:Attribute>"
        for name, form, values in rows
    )
    return f"<saml2:AttributeStatement>{told}</saml2:AttributeStatement>"


def _signed(org: Org, app: Record, text: str, key: str) -> str:
    """Put an enveloped signature where the mark stands first."""
    content = canonical(_element(text.replace(MARK, "")))
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    told = (
        f'<ds:SignedInfo xmlns:ds="{SIGNATURE}"><ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"/>'
        f'<ds:SignatureMethod Algorithm="{RSA_SHA256}"/><ds:Reference URI="#{key}"><ds:Transforms>'
        f'<ds:Transform Algorithm="{SIGNATURE}enveloped-signature"/><ds:Transform Algorithm="{EXCLUSIVE}"/>'
        f'</ds:Transforms><ds:DigestMethod Algorithm="{SHA256}"/><ds:DigestValue>{digest}</ds:DigestValue>'
        "</ds:Reference></ds:SignedInfo>"
    )
    kid = app["credentials"]["signing"]["kid"]
    made = private_key(org.secret, kid).sign(canonical(_element(told)), padding.PKCS1v15(), hashes.SHA256())
    shown = certificate_text(certificate(org.secret, kid, org.name, app["#keys"][kid]))
    signature = (
        f'<ds:Signature xmlns:ds="{SIGNATURE}">{told}<ds:SignatureValue>{base64.b64encode(made).decode()}'
        f"</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{shown}</ds:X509Certificate></ds:X509Data>"
        "</ds:KeyInfo></ds:Signature>"
    )
    return text.replace(MARK, signature, 1)


def _element(text: str) -> Element:
    root = parseString(text.encode()).documentElement  # noqa: S318 - written here, by nobody else
    if root is None:
        raise ValueError("a text without an element cannot be signed")
    return root
