"""A place in the text of an expression, moved forward as the parser reads."""

from twin.semantics.rules.mistake import RuleError

# The engine skips these between tokens, and no tabs (wirefilter engine/src/lex.rs).
SPACES = " \r\n"
# What Rust's str::trim takes from the ends of an expression.
OUTER_SPACES = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"


class Cursor:
    """The text, where its outer spaces are left out, and the offset of the next character."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.end = len(text.rstrip(OUTER_SPACES))
        self.at = min(len(text) - len(text.lstrip(OUTER_SPACES)), self.end)

    @property
    def done(self) -> bool:
        """Tell whether everything is read."""
        return self.at >= self.end

    def peek(self, ahead: int = 0) -> str:
        """Return a coming character, empty beyond the end."""
        position = self.at + ahead
        return self.text[position] if position < self.end else ""

    def skip_space(self) -> None:
        """Move over spaces and line ends."""
        while self.at < self.end and self.text[self.at] in SPACES:
            self.at += 1

    def take(self, literal: str) -> bool:
        """Move over a literal when it comes next."""
        if self.text.startswith(literal, self.at, self.end):
            self.at += len(literal)
            return True
        return False

    def expect(self, literal: str) -> None:
        """Move over a literal that must come next."""
        if not self.take(literal):
            raise RuleError(f"expected {literal!r}", self.at)

    def run(self, allowed: frozenset[str]) -> str:
        """Take the longest run of characters that are allowed, possibly none."""
        start = self.at
        while self.at < self.end and self.text[self.at] in allowed:
            self.at += 1
        return self.text[start : self.at]
