"""Text with `*` for any characters, in which a backslash makes the next character plain."""

import re
from functools import cache


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = re.findall(r"\\(.)|(\*)|([^\\*]+|\\)", pattern, re.DOTALL)
    text = "".join(".*" if star else re.escape(escaped or plain) for escaped, star, plain in parts)
    return re.compile(text, re.DOTALL)


def matches_wildcard(pattern: str, text: str) -> bool:
    """Tell whether the whole text is as the pattern says."""
    return _compiled(pattern).fullmatch(text) is not None
