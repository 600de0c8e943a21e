"""The nearest of the words that would have been right."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word most like `word`, if one is like enough."""
    words = sorted(known)
    by_fold = {known_word.lower().replace("-", "_"): known_word for known_word in words}
    found = get_close_matches(word.lower().replace("-", "_"), by_fold, n=1, cutoff=0.6)
    return by_fold[found[0]] if found else None


def nearest_type(word: str, known: Iterable[str]) -> str | None:
    """Return the resource type most like `word`, of its own service where that has any; none of one far from it."""
    words = list(known)
    alike = [one for one in words if one.startswith(word.rpartition(".")[0] + ".")]
    if alike or word.count(".") < 2:
        return nearest(word, alike or words)
    system, service, own = word.split(".", 2)
    services = {one.split(".")[1] for one in words if one.startswith(f"{system}.") and one.count(".") > 1}
    meant = [f"{system}.{one}." for one in get_close_matches(service, services, n=1, cutoff=0.7)]
    return nearest(meant[0] + own, [one for one in words if one.startswith(meant[0])]) if meant else None


def suggestion(word: str, known: Iterable[str], *, limit: int = 12) -> str | None:
    """Say `did you mean …?`, or list what is known when nothing is near; None when nothing is known."""
    words = sorted(set(known))
    near = nearest(word, words)
    if near:
        return f"did you mean `{near}`?"
    if not words:
        return None
    shown = ", ".join(f"`{item}`" for item in words[:limit])
    return f"known: {shown}" + (f" and {len(words) - limit} more" if len(words) > limit else "")
