"""Exclusive XML canonicalization without comments: the bytes of an element that are signed.

https://www.w3.org/TR/xml-exc-c14n/
"""

from collections.abc import Mapping
from xml.dom.minidom import Attr, Element, Node

XMLNS = "http://www.w3.org/2000/xmlns/"
XML = "http://www.w3.org/XML/1998/namespace"


def canonical(element: Element, *, inclusive: frozenset[str] = frozenset(), without: Element | None = None) -> bytes:
    """Return the canonical bytes of an element.

    `inclusive` are prefixes that are written where they are in scope, used or not; `without` is left out, as the
    transform of an enveloped signature does with the signature itself.
    """
    written: list[str] = []
    _write(element, {}, inclusive, without, written)
    return "".join(written).encode()


def _write(element: Element, shown: Mapping[str, str], inclusive: frozenset[str], without: Element | None,
           out: list[str]) -> None:  # fmt: skip
    plain = [each for each in _attributes(element) if each.namespaceURI != XMLNS]
    used = {element.prefix or ""} | {each.prefix for each in plain if each.prefix}
    spaces = {prefix: _space(element, prefix) for prefix in used | inclusive}
    new = {
        prefix: space
        for prefix, space in spaces.items()
        if prefix != "xml" and space is not None and shown.get(prefix, "") != space
    }
    out.append(f"<{element.tagName}")
    for prefix in sorted(new):
        name = f"xmlns:{prefix}" if prefix else "xmlns"
        out.append(f' {name}="{_value(new[prefix])}"')
    ordered = sorted(plain, key=lambda one: (one.namespaceURI or "", one.localName or one.name))
    out.extend(f' {each.name}="{_value(each.value or "")}"' for each in ordered)
    out.append(">")
    for child in element.childNodes:
        if child is without:
            continue
        if isinstance(child, Element):
            _write(child, {**shown, **new}, inclusive, without, out)
        elif child.nodeType in (Node.TEXT_NODE, Node.CDATA_SECTION_NODE):
            out.append(_text(str(child.nodeValue)))
    out.append(f"</{element.tagName}>")


def _attributes(element: Element) -> list[Attr]:
    return [each for each in element.attributes.values() if isinstance(each, Attr)]


def _space(element: Element, prefix: str) -> str | None:
    """Return the namespace of a prefix where an element stands; the default one is empty when there is none."""
    if prefix == "xml":
        return XML
    name, node = f"xmlns:{prefix}" if prefix else "xmlns", element
    while not node.hasAttribute(name):
        above = node.parentNode
        if not isinstance(above, Element):
            return None if prefix else ""
        node = above
    return node.getAttribute(name) or ""


def _text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#xD;")


def _value(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return escaped.replace("\t", "&#x9;").replace("\n", "&#xA;").replace("\r", "&#xD;")
