"""Why a call out is not even tried; what is not tried says nothing of whoever would have answered it."""

OUTSIDE, UNSERVED = "outside", "unserved"
UNTRIED = frozenset({OUTSIDE, UNSERVED})
