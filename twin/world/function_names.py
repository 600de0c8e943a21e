"""How a call names a function of Lambda: by its name, its ARN, or a part of that; a qualifier may follow.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

import re

PART = re.compile(r"(?:[a-z]{2}(?:-[a-z]+)+-\d:)?(?:(\d{12}):)?(?:function:)?([\w-]+(?::[\w$-]+)?)")


def function_named(name: str) -> tuple[str, str]:
    """Return the account that a name or a partial ARN tells, "" for the caller's, and the name with its qualifier."""
    found = PART.fullmatch(name)
    return (found[1] or "", found[2]) if found is not None else ("", name)
