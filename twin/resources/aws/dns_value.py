"""The values that Route 53 takes for each type of record."""

import ipaddress
import re
from collections.abc import Callable, Iterable
from typing import Final

from twin.resources.aws.facts import facts
from twin.resources.aws.route53 import is_domain
from twin.resources.reference import unknown
from twin.resources.resource import Problem

QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


def value_problems(type_: str, value: str) -> Iterable[Problem]:
    """Report a value that is none of its type; one that holds a reference is not judged."""
    if unknown(value):
        return
    fits, form = FORMS[type_]
    if not fits(value):
        yield Problem("TW0432", f"{value!r} is no value of a record of type {type_}", "records", form)


def _ipv4(value: str) -> bool:
    try:
        ipaddress.IPv4Address(value)
    except ValueError:
        return False
    return True


def _ipv6(value: str) -> bool:
    try:
        ipaddress.IPv6Address(value)
    except ValueError:
        return False
    return True


def _numbers(count: int) -> Callable[[str], bool]:
    """Return a test for so many 16-bit numbers and a domain name."""

    def fits(value: str) -> bool:
        *numbers, name = value.split()
        return (
            len(numbers) == count
            and all(n.isdecimal() and int(n) <= 65535 for n in numbers)
            and (name == "." or is_domain(name))
        )

    return lambda value: bool(value.split()) and fits(value)


def _texts(value: str) -> bool:
    """Tell whether a value is one or more quoted texts, none longer than DNS allows."""
    texts = QUOTED.findall(value)
    rest = QUOTED.sub("", value)
    return bool(texts) and not rest.strip() and all(len(text) <= facts("network")["txt_characters"] for text in texts)


def _authority(value: str) -> bool:
    found = re.fullmatch(r'(\d+) (issue|issuewild|iodef) "[^"]*"', value)
    return found is not None and int(found[1]) <= 255


def _start(value: str) -> bool:
    return bool(re.fullmatch(r"\S+ \S+ \d+ \d+ \d+ \d+ \d+", value))


FORMS: Final[dict[str, tuple[Callable[[str], bool], str]]] = {
    "A": (_ipv4, "an IPv4 address: 192.0.2.1"),
    "AAAA": (_ipv6, "an IPv6 address: 2001:db8::1"),
    "CAA": (_authority, '0 issue "amazon.com"'),
    "CNAME": (is_domain, "a domain name: www.example.com"),
    "MX": (_numbers(1), "a priority and a domain name: 10 mail.example.com"),
    "NS": (is_domain, "a domain name: ns1.example.com"),
    "PTR": (is_domain, "a domain name: www.example.com"),
    "SOA": (_start, "ns.example.com admin.example.com 1 7200 900 1209600 86400"),
    "SRV": (_numbers(3), "priority, weight, port and a domain name: 1 10 5269 xmpp.example.com"),
    "TXT": (_texts, 'texts of at most 255 characters, each in double quotes: "v=spf1 -all"'),
}
"""For each type of record: the test of a value, and what a value looks like."""
