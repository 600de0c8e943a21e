"""Whom a message of Datadog's calls: one reading for plans, for what is read back and for the twin."""

import pytest

from twin.semantics.oncall.mentions import called, mentions

PAGER = "@pagerduty-shop"
CASES = {
    # name: the message; whom it calls on an alert, on the recovery from it, and under any condition
    "plain": (f"Look {PAGER}", {"shop"}, {"shop"}, {"shop"}),
    "alert": (f"{{{{#is_alert}}}}{PAGER}{{{{/is_alert}}}}", {"shop"}, set(), {"shop"}),
    "not-alert": (f"{{{{^is_alert}}}}{PAGER}{{{{/is_alert}}}}", set(), {"shop"}, {"shop"}),
    "recovery": (f"{{{{#is_recovery}}}}\n{PAGER}\n{{{{/is_recovery}}}}", set(), {"shop"}, {"shop"}),
    "alert-recovery": (f"{{{{#is_alert_recovery}}}}{PAGER}{{{{/is_alert_recovery}}}}", set(), {"shop"}, {"shop"}),
    "warning": (f"{{{{#is_warning}}}}{PAGER}{{{{/is_warning}}}} help", set(), set(), {"shop"}),
    "each-its-own": (
        "{{#is_alert}}@pagerduty-a{{/is_alert}}{{^is_alert}}@pagerduty-b{{/is_alert}} @pagerduty-c",
        {"a", "c"}, {"b", "c"}, {"a", "b", "c"},
    ),
    "nested": (
        "{{#is_alert}}{{#is_match 'host.name' 'db'}}@pagerduty-db{{/is_match}}{{/is_alert}}", {"db"}, set(), {"db"},
    ),
    "nested-in-what-is-hidden": (
        "{{#is_warning}}{{#is_alert}}@pagerduty-a{{/is_alert}}@pagerduty-b{{/is_warning}}", set(), set(), {"a", "b"},
    ),
    "after-a-word": (f"Down!{PAGER}, now.", {"shop"}, {"shop"}, {"shop"}),
    "end-of-sentence": (f"Call {PAGER}.", {"shop"}, {"shop"}, {"shop"}),
    "address": ("write to ops@pagerduty-shop", set(), set(), set()),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_message_calls_whom_its_conditions_show(name):
    """What is hidden calls nobody; a condition on what is not known here is taken to hold."""
    message, alert, recovery, ever = CASES[name]
    assert called(message).services == alert
    assert called(message, "Alert", "OK").services == recovery
    assert mentions(message).services == ever


def test_all_services_and_other_receivers_are_told_apart():
    """`@pagerduty` alone is every service; a name that begins like it is somebody else's."""
    found = called("@pagerduty {{#is_alert}}@ops@acme.example{{/is_alert}} (@slack-acme-shop)")
    assert (found.every_service, found.services) == (True, frozenset())
    assert found.others == ("ops@acme.example", "slack-acme-shop")
    assert called("@pagerdutyish").others == ("pagerdutyish",)
    assert not called("help")
