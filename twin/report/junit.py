"""Results as JUnit XML, which CI systems show."""

from collections.abc import Sequence
from xml.etree import ElementTree

from twin.scenario.verdict import Result


def junit(results: Sequence[Result], wanted: Sequence[str]) -> str:
    """Return one test case per result; `wanted` is the verdict that each was to have."""
    bad = sum(r.verdict != w for r, w in zip(results, wanted, strict=True))
    suite = ElementTree.Element("testsuite", name="twin", tests=str(len(results)), failures=str(bad), errors="0")
    for result, want in zip(results, wanted, strict=True):
        name = result.variant or result.scenario
        case = ElementTree.SubElement(suite, "testcase", classname=f"twin.{result.scenario}", name=name)
        if result.verdict != want:
            failure = ElementTree.SubElement(case, "failure", type=result.verdict, message=result.reason)
            failure.text = f"{result.verdict}, wanted {want}: {result.reason}"
        ElementTree.SubElement(case, "system-out").text = result.journal
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"
