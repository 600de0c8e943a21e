"""The bytes that are signed: as another implementation of the standard writes them, and as the standard shows."""

from xml.dom.minidom import parseString
from xml.etree.ElementTree import canonicalize
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.semantics.saml import Untrusted, metadata
from twin.semantics.saml.canonical import canonical
from twin.semantics.saml.document import parse

DOCUMENTS = {
    "attributes-sorted": '<a z="1" b="2" xmlns:q="urn:q" q:a="3"><q:b/></a>',
    "default-namespace": '<a xmlns="urn:a"><b xmlns=""/><c/><d xmlns="urn:d"/></a>',
    "unused-left-out": '<a xmlns:u="urn:u"><b/><u:c><u:d/></u:c></a>',
    "redeclared": '<p:a xmlns:p="urn:1"><p:b xmlns:p="urn:2"><p:c xmlns:p="urn:1"/></p:b></p:a>',
    "text": "<a>1 &lt; 2 &amp; 3 &gt; 2 &#13; <![CDATA[<x>]]> é</a>",
    "values": "<a b='\"&lt;&#9;&#10;&#13;'/>",
    "comments": "<a><!-- no --><b/></a>",
    "xml-prefix": '<a xml:lang="en"><b xml:space="preserve"/></a>',
}
NAMES = st.sampled_from(["a", "b", "p:a", "q:b"])
TEXTS = st.text("ab<>&\"'\t\n é", max_size=6)


@pytest.mark.parametrize("text", DOCUMENTS.values(), ids=DOCUMENTS)
def test_it_agrees_with_the_standard_library(text):
    """Whose canonical form is C14N 2.0, which builds on the exclusive one."""
    assert canonical(parseString(text).documentElement) == canonicalize(text).encode()


@st.composite
def elements(draw, depth=3):
    """Draw an element with prefixes bound anywhere above or in it."""
    name = draw(NAMES)
    # The library knows spaces, not prefixes, so that no two prefixes may stand for one space.
    bound = "".join(f' xmlns:{prefix}="urn:{prefix}:{draw(st.integers(1, 2))}"' for prefix in ("p", "q"))
    default = draw(st.sampled_from(["", ' xmlns="urn:d"', ' xmlns="urn:e"']))
    # Nor does it let a plain attribute of a prefixed element stand without a word about the default space.
    attribute = f" {'q:v' if ':' in name else 'v'}={quoteattr(draw(TEXTS))}"
    inner = escape(draw(TEXTS))
    if depth:
        inner += "".join(draw(elements(depth - 1)) for _ in range(draw(st.integers(0, 2))))
    return f"<{name}{bound}{default}{attribute}>{inner}</{name}>"


@given(elements())
def test_it_agrees_on_any_document(text):
    """Whatever is nested, bound and escaped."""
    assert canonical(parseString(text).documentElement) == canonicalize(text).encode()


def test_a_part_brings_the_namespaces_that_it_uses():
    """Those of its ancestors that it does not use stay behind, unless they are listed."""
    part = parseString('<a xmlns:p="urn:p" xmlns:q="urn:q"><p:b/></a>').documentElement.firstChild
    assert canonical(part) == b'<p:b xmlns:p="urn:p"></p:b>'
    assert canonical(part, inclusive=frozenset({"q"})) == b'<p:b xmlns:p="urn:p" xmlns:q="urn:q"></p:b>'


@pytest.mark.parametrize(
    "text",
    [
        b"<!DOCTYPE a><a/>",
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b"<?run it?><a/>",
        b"<a",
        b'<a ID="1"><b ID="1"/></a>',
    ],
    ids=["type", "entity", "instruction", "broken", "twice"],
)
def test_traps_of_xml_are_refused(text):
    """Before anything is read from it."""
    with pytest.raises(Untrusted):
        parse(text)


def test_metadata_without_a_certificate_is_none():
    """Nor is another document."""
    entity = '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="e">{}</EntityDescriptor>'
    for text in ("<a/>", entity.format(""), entity.format("<IDPSSODescriptor/>")):
        with pytest.raises(Untrusted):
            metadata(text)
