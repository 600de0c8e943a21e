"""Whom the message of one of Datadog's monitors calls: the names after `@`, in what is shown when its state changes.

https://docs.datadoghq.com/monitors/notify/variables/ (read 2026-11-29): a text between `{{#is_alert}}` and
`{{/is_alert}}` is shown when the monitor alerts, one after `{{^is_alert}}` when it does not.
https://docs.datadoghq.com/integrations/pagerduty/: `@pagerduty-Name` calls a service, `@pagerduty` all of them.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

ALERT, WARN, NO_DATA, OK = "Alert", "Warn", "No Data", "OK"
TAG = re.compile(r"\{\{\s*([#^/])\s*(\w+).*?\}\}")
NAME = re.compile(r"(?<![\w.+%-])@([\w.+%@{}/-]+)")
SERVICE = re.compile(r"pagerduty(?:-([\w-]+))?(?![\w-])")
SHOWN: Mapping[str, Callable[[str, str], bool]] = {
    "is_alert": lambda old, new: new == ALERT,
    "is_warning": lambda old, new: new == WARN,
    "is_no_data": lambda old, new: new == NO_DATA,
    "is_recovery": lambda old, new: new == OK,
    "is_alert_recovery": lambda old, new: (old, new) == (ALERT, OK),
    "is_warning_recovery": lambda old, new: (old, new) == (WARN, OK),
    "is_no_data_recovery": lambda old, new: (old, new) == (NO_DATA, OK),
    "is_alert_to_warning": lambda old, new: (old, new) == (ALERT, WARN),
}
"""When each condition holds, by the states before and after; what others say cannot be told from them."""


@dataclass(frozen=True, slots=True)
class Mentions:
    """Whom a message calls: services of PagerDuty by name, whether all of them, and other receivers."""

    services: frozenset[str]
    every_service: bool
    others: tuple[str, ...]

    def __bool__(self) -> bool:
        """Tell whether it calls anybody."""
        return bool(self.services or self.every_service or self.others)


def mentions(message: str) -> Mentions:
    """Return whom a message calls under any condition."""
    return _read(TAG.sub(" ", message))


def called(message: str, old: str = OK, new: str = ALERT) -> Mentions:
    """Return whom a message calls when a monitor's state changes; a condition that cannot be told is taken to hold."""
    shown, hidden, end = list[str](), list[bool](), 0
    for tag in TAG.finditer(message):
        if not any(hidden):
            shown.append(message[end : tag.start()])
        end = tag.end()
        if tag[1] == "/":
            del hidden[-1:]
        else:
            known = SHOWN.get(tag[2])
            hidden.append(known is not None and known(old, new) is (tag[1] == "^"))
    if not any(hidden):
        shown.append(message[end:])
    return _read(" ".join(shown))


def _read(text: str) -> Mentions:
    services, others, every = set[str](), list[str](), False
    for found in NAME.finditer(text):
        name = found[1].rstrip(".")
        service = SERVICE.match(name)
        if service is None:
            others.append(name)
        elif service[1] is None:
            every = True
        else:
            services.add(service[1])
    return Mentions(frozenset(services), every, tuple(others))
