"""How a resource stands against the spec: one glyph, one word and one colour for each state."""

from dataclasses import dataclass

from twin.engine.plan import Change


@dataclass(frozen=True, slots=True)
class State:
    """A state as it is shown; the glyph and the word say it without colour too."""

    word: str
    glyph: str
    colour: str
    meaning: str


AS_SPEC = State("as spec", "✓", "#7fb685", "Nothing to do")
TO_CREATE = State("to create", "+", "#8fd694", "In the spec, not on the target")
TO_CHANGE = State("to change", "~", "#e5c07b", "The spec moved; changed in place")
TO_REPLACE = State("to replace", "±", "#d19be0", "Cannot change in place; made anew")
TO_REMOVE = State("to remove", "-", "#ef7f88", "Ours, and no longer in the spec")
DRIFT = State("drift", "≠", "#f0a35e", "Changed by hand on the target")
UNMANAGED = State("unmanaged", "?", "#82aaff", "On the target, not ours")
STATES = (AS_SPEC, TO_CREATE, TO_CHANGE, TO_REPLACE, TO_REMOVE, DRIFT, UNMANAGED)

_BY_ACTION = {
    "no-op": AS_SPEC,
    "create": TO_CREATE,
    "update": TO_CHANGE,
    "replace": TO_REPLACE,
    "delete": TO_REMOVE,
}
SIGNS = {action: state for action, state in _BY_ACTION.items() if action != "no-op"}
"""What the plan shows before an address: the sign and colour of the action, drift or not."""


def state_of(change: Change) -> State:
    """Return the state of a planned resource; what somebody did by hand is drift, whatever mends it."""
    by_hand = any(d.cause in ("drift", "both") for d in change.differences)
    return DRIFT if by_hand or change.surplus else _BY_ACTION[change.action]
