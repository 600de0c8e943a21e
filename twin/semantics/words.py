"""The words of an expression, read from the left: what the grammars of the expression languages stand on."""

import re
from collections.abc import Callable, Mapping

Word = tuple[str, str]
"""A word's kind, which is the name of a group of the language's form, and its text."""
NO_SYNONYMS: Mapping[str, str] = {}


class Words:
    """The words of a source: a mark (operators, brackets) is met or expected, everything else is taken.

    `form` matches one word, with the white space before it, and names its kind by a group, of which `mark` is one.
    `synonyms` are names that mean a mark. `wrong` makes the error for what cannot be read.
    """

    def __init__(
        self,
        source: str,
        form: re.Pattern[str],
        wrong: Callable[[str], Exception],
        synonyms: Mapping[str, str] = NO_SYNONYMS,
    ) -> None:
        self.wrong = wrong
        self.at = 0
        self.found: list[Word] = []
        place, whole = 0, source.rstrip()
        while place < len(whole):
            word = form.match(whole, place)
            if not word or not word.lastgroup:
                raise wrong(f"unexpected character at {place}")
            kind, text = word.lastgroup, word[word.lastgroup]
            self.found.append(("mark", synonyms[text]) if kind == "name" and text in synonyms else (kind, text))
            place = word.end()

    def mark(self, *marks: str) -> str:
        """Pass one of these marks and return it; an empty text when something else stands here."""
        kind, text = self.found[self.at] if self.at < len(self.found) else ("", "")
        if kind != "mark" or text not in marks:
            return ""
        self.at += 1
        return text

    def expect(self, mark: str) -> None:
        """Pass a mark that has to stand here."""
        if not self.mark(mark):
            raise self.wrong(f"'{mark}' is missing")

    def take(self) -> Word:
        """Return the next word, whatever it is."""
        if self.at >= len(self.found):
            raise self.wrong("the expression ends too early")
        self.at += 1
        return self.found[self.at - 1]

    def end(self) -> None:
        """Refuse what is left."""
        if self.at < len(self.found):
            raise self.wrong(f"unexpected '{self.found[self.at][1]}'")
