"""The filter of a table: `words`, `!not`, `type:`, `tag:`, `state:`, `~fuzzy`, asked of an index that is built once."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

Facets = Mapping[str, str]
"""What a row is told by, as `type`, `state`, `tag`; several values of one name stand apart by a line's end."""
Item = TypeVar("Item")
WORD = re.compile(r'(?:[^\s"]|"[^"]*"?)+')


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a filter; `facet` is where it is looked for, everywhere when that is empty."""

    text: str
    facet: str = ""
    fuzzy: bool = False
    wanted: bool = True


@dataclass(frozen=True)
class Index:
    """The rows of a table as lower-case texts, in the table's order."""

    texts: Sequence[str]
    facets: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, items: Iterable[Item], told: Callable[[Item], tuple[str, Facets]]) -> "Index":
        """Build the index; `told` gives an item's words and its facets."""
        found = [told(item) for item in items]
        names = dict.fromkeys(name for _, facets in found for name in facets)
        return cls(
            [text.lower() for text, _ in found],
            {name: [facets.get(name, "").lower() for _, facets in found] for name in names},
        )

    def terms(self, written: str) -> list[Term]:
        """Return the words of a filter; what stands before a colon is a facet only where there is one of that name."""
        return [term for word in WORD.findall(written.lower()) if (term := self._term(word)).text]

    def matching(self, written: str, among: Sequence[int] | None = None) -> list[int]:
        """Return which rows a filter lets through, of all or of some, in their order."""
        found: Sequence[int] = range(len(self.texts)) if among is None else among
        for term in self.terms(written):
            texts = self.facets[term.facet] if term.facet else self.texts
            text, wanted = term.text, term.wanted
            if term.fuzzy:
                found = [i for i in found if within(text, texts[i]) is wanted]
            else:
                found = [i for i in found if (text in texts[i]) is wanted]
        return list(found)

    def _term(self, word: str) -> Term:
        wanted = not (word.startswith("!") and len(word) > 1)
        word = word if wanted else word[1:]
        name, colon, value = word.partition(":")
        facet = name if colon and name in self.facets else ""
        text = value if facet else word
        fuzzy = text.startswith("~")
        return Term(text.removeprefix("~").replace('"', ""), facet, fuzzy, wanted)


def within(letters: str, text: str) -> bool:
    """Tell whether the letters stand in a text in their order, whatever is between them."""
    at = -1
    find = text.find
    for letter in letters:
        at = find(letter, at + 1)
        if at < 0:
            return False
    return True
