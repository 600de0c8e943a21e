"""Which DNS records a list asks for: by name, type, content, proxying, comment, tag and free search."""

from collections.abc import Iterator
from typing import Any

from twin.world.saas.cloudflare.envelope import refusal
from twin.world.saas.cloudflare.listing import TESTS, choice, combine
from twin.world.saas.router import Hit

Record = dict[str, Any]


def _text_verdicts(hit: Hit, name: str, text: str) -> Iterator[bool]:
    for parameter, wanted in hit.query.items():
        field, _, operator = parameter.partition(".")
        if field != name:
            continue
        if operator == "present":
            yield bool(text)
        elif operator == "absent":
            yield not text
        elif (operator or "exact") in TESTS:
            yield TESTS[operator or "exact"](text.lower(), wanted.lower())
        else:
            raise refusal("bad-field", field=parameter, reason="no such filter")


def _tag_test(operator: str, wanted: str, tags: dict[str, str]) -> bool:
    name, colon, value = wanted.lower().partition(":")
    if operator == "absent":
        return name not in tags
    if operator == "present" or (operator == "" and not colon):
        return name in tags
    test = TESTS.get(operator or "exact")
    if test is None:
        raise refusal("bad-field", field=f"tag.{operator}", reason="no such filter")
    return name in tags and test(tags[name], value)


def _tag_verdict(hit: Hit, record: Record) -> Iterator[bool]:
    tags = dict(tag.lower().partition(":")[::2] for tag in record["tags"])
    found = [
        _tag_test(parameter.partition(".")[2], wanted, tags)
        for parameter, wanted in hit.query.items(multi=True)
        if parameter.partition(".")[0] == "tag"
    ]
    if found:
        mode = choice(hit, "tag_match", ("all", "any"), "all")
        yield all(found) if mode == "all" else any(found)


def _verdicts(hit: Hit, record: Record) -> Iterator[bool]:
    yield from _text_verdicts(hit, "name", record["name"])
    yield from _text_verdicts(hit, "content", record["content"])
    yield from _text_verdicts(hit, "comment", record["comment"] or "")
    yield from _tag_verdict(hit, record)
    if "type" in hit.query:
        yield record["type"] == hit.query["type"]
    if "proxied" in hit.query:
        yield record["proxied"] == (choice(hit, "proxied", ("true", "false"), "false") == "true")


def wanted(hit: Hit, record: Record) -> bool:
    """Tell whether a record passes the filters of a list; `search` counts besides `match`."""
    search = hit.query.get("search", "").lower()
    texts = (record["name"], record["content"], record["comment"] or "", *record["tags"])
    return combine(hit, list(_verdicts(hit, record))) and (not search or any(search in text.lower() for text in texts))
