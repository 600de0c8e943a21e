"""What is wrong with a call to a vendor that speaks JSON over HTTP, known before it is sent."""

from twin.resources.call import Call

METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})


def check(call: Call) -> list[str]:
    """Return what is wrong with a call's method or path (an empty part is an id that went missing)."""
    wrong = [] if call.operation in METHODS else [f"{call.operation} is no HTTP method"]
    if not call.service.startswith("/") or "//" in call.service:
        wrong.append(f"{call.service!r} is no path")
    return wrong
