"""XML of strangers, read without its traps: no document types, no entities, every id once."""

from collections.abc import Iterator
from xml.dom.minidom import Document, Element, Node, parseString
from xml.parsers.expat import ExpatError, ParserCreate

from twin.semantics.saml.untrusted import Untrusted

ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion"
PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
METADATA = "urn:oasis:names:tc:SAML:2.0:metadata"
SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
LONGEST = 1_000_000


def parse(text: bytes) -> Document:
    """Return the document of a text; Untrusted when it is none, or declares a type or a processing instruction."""
    if len(text) > LONGEST:
        raise Untrusted("malformed", f"the document has more than {LONGEST} bytes")
    try:
        _look(text)
        read = parseString(text)  # noqa: S318 - types and entities were refused by _look
    except (ExpatError, ValueError) as wrong:
        raise Untrusted("malformed", f"the document is no XML: {wrong}") from None
    ids = [one.getAttribute("ID") for one in elements(read) if one.hasAttribute("ID")]
    if len(set(ids)) != len(ids):
        raise Untrusted("malformed", "an ID stands twice in the document")
    return read


def _look(text: bytes) -> None:
    """Let expat pass over the text once, and stop at what no SAML document needs."""

    def stop(*_told: object) -> None:
        raise Untrusted("malformed", "the document declares a type, an entity or a processing instruction")

    parser = ParserCreate()
    parser.StartDoctypeDeclHandler = stop
    parser.EntityDeclHandler = stop
    parser.ProcessingInstructionHandler = stop
    parser.Parse(text, True)


def elements(node: Node) -> Iterator[Element]:
    """Yield all elements below a node, in document order."""
    for child in node.childNodes:
        if isinstance(child, Element):
            yield child
            yield from elements(child)


def children(node: Node, space: str, name: str) -> list[Element]:
    """Return the elements of a name that stand directly in a node."""
    found = [child for child in node.childNodes if isinstance(child, Element)]
    return [child for child in found if (child.namespaceURI, child.localName) == (space, name)]


def only(node: Node, space: str, name: str) -> Element:
    """Return the one element of a name that stands directly in a node; Untrusted unless there is exactly one."""
    found = children(node, space, name)
    if len(found) != 1:
        raise Untrusted("incomplete", f"the response has {len(found)} elements {name} where one belongs")
    return found[0]


def text_of(element: Element) -> str:
    """Return the text of an element that holds nothing else; comments inside it are refused.

    A comment that splits a name makes readers differ about it (CVE-2018-0489).
    """
    if any(child.nodeType not in (Node.TEXT_NODE, Node.CDATA_SECTION_NODE) for child in element.childNodes):
        raise Untrusted("malformed", f"the element {element.tagName} holds more than text")
    return "".join(str(child.nodeValue) for child in element.childNodes).strip()
