"""What a trusted response says: about whom, for whom, until when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.dom.minidom import Element

from twin.semantics.saml.document import ASSERTION, PROTOCOL, children, elements, only, parse, text_of
from twin.semantics.saml.provider import Provider
from twin.semantics.saml.signature import verify
from twin.semantics.saml.untrusted import Untrusted

BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
FORMAT = "urn:oasis:names:tc:SAML:2.0:nameid-format:"


@dataclass(frozen=True, slots=True)
class Assertion:
    """A statement about a subject; `session_ends` is when the provider says that a session must end."""

    issuer: str
    subject: str
    subject_format: str
    recipient: str
    audiences: tuple[str, ...]
    issued: datetime
    session_ends: datetime | None
    attributes: Mapping[str, tuple[str, ...]]


def read(response: bytes, provider: Provider, now: datetime) -> Assertion:
    """Return the assertion of a response that the provider signed and that holds at `now`; Untrusted otherwise.

    The signature may be over the response or over the assertion; each one that is there must hold.
    """
    root = parse(response).documentElement
    if root is None or (root.namespaceURI, root.localName) != (PROTOCOL, "Response"):
        raise Untrusted("malformed", "the document is no response")
    every = [one for one in elements(root) if (one.namespaceURI, one.localName) == (ASSERTION, "Assertion")]
    found = only(root, ASSERTION, "Assertion")
    if every != [found]:
        raise Untrusted("malformed", "an assertion stands where none belongs")
    signed = [verify(one, provider.certificates) for one in (root, found)]
    if not any(signed):
        raise Untrusted("unsigned", "neither the response nor its assertion is signed")
    status = only(only(root, PROTOCOL, "Status"), PROTOCOL, "StatusCode")
    if status.getAttribute("Value") != SUCCESS:
        raise Untrusted("incomplete", f"the response tells of no success: {status.getAttribute('Value')}")
    issuer = text_of(only(found, ASSERTION, "Issuer"))
    if issuer != provider.entity:
        raise Untrusted("wrong_issuer", f"issued by {issuer}, not by {provider.entity}")
    return _assertion(found, issuer, now)


def _assertion(found: Element, issuer: str, now: datetime) -> Assertion:
    subject = only(found, ASSERTION, "Subject")
    name, confirmation = only(subject, ASSERTION, "NameID"), only(subject, ASSERTION, "SubjectConfirmation")
    if confirmation.getAttribute("Method") != BEARER:
        raise Untrusted("incomplete", "the subject is not confirmed by bearing the assertion")
    data, conditions = only(confirmation, ASSERTION, "SubjectConfirmationData"), only(found, ASSERTION, "Conditions")
    ends = _moment(data, "NotOnOrAfter")
    if ends is None:
        raise Untrusted("incomplete", "the confirmation of the subject has no end")
    _check_time(ends, conditions, now)
    statement = only(found, ASSERTION, "AuthnStatement")
    return Assertion(
        issuer=issuer,
        subject=text_of(name),
        subject_format=name.getAttribute("Format"),
        recipient=data.getAttribute("Recipient"),
        audiences=tuple(
            text_of(audience)
            for restriction in children(conditions, ASSERTION, "AudienceRestriction")
            for audience in children(restriction, ASSERTION, "Audience")
        ),
        issued=_moment(found, "IssueInstant") or now,
        session_ends=_moment(statement, "SessionNotOnOrAfter"),
        attributes=_attributes(found),
    )


def _check_time(ends: datetime, conditions: Element, now: datetime) -> None:
    until, since = _moment(conditions, "NotOnOrAfter"), _moment(conditions, "NotBefore")
    if now >= min(ends, until or ends):
        raise Untrusted("expired", "the assertion is over")
    if since is not None and now < since:
        raise Untrusted("not_yet_valid", "the assertion does not hold yet")


def _attributes(found: Element) -> dict[str, tuple[str, ...]]:
    told: dict[str, tuple[str, ...]] = {}
    for statement in children(found, ASSERTION, "AttributeStatement"):
        for attribute in children(statement, ASSERTION, "Attribute"):
            values = tuple(text_of(one) for one in children(attribute, ASSERTION, "AttributeValue"))
            name = attribute.getAttribute("Name")
            told[name] = told.get(name, ()) + values
    return told


def _moment(element: Element, name: str) -> datetime | None:
    text = element.getAttribute(name)
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise Untrusted("malformed", f"{name} is no instant: {text}") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
