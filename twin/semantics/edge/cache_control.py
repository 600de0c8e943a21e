"""What an origin's headers say about caching, as the edge reads them."""

from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

from twin.semantics.edge.outcome import Lines


@dataclass(frozen=True)
class Control:
    """Directives of Cache-Control; `seconds` is how long an object may be kept, None when nothing says it."""

    directives: dict[str, str]
    seconds: float | None

    def has(self, *names: str) -> bool:
        """Tell whether one of the directives is there."""
        return any(name in self.directives for name in names)

    def number(self, name: str) -> float | None:
        """Return a directive's seconds, None without them."""
        text = self.directives.get(name, "")
        return float(text) if text.isdigit() else None


def control(headers: Lines, at: float) -> Control:
    """Read the headers: Cloudflare-CDN-Cache-Control before CDN-Cache-Control before Cache-Control, then Expires.

    https://developers.cloudflare.com/cache/concepts/cdn-cache-control/
    """
    given = next(
        (
            headers[name]
            for name in ("cloudflare-cdn-cache-control", "cdn-cache-control", "cache-control")
            if name in headers
        ),
        (),
    )
    directives: dict[str, str] = {}
    for line in given:
        for part in line.split(","):
            name, _, text = part.strip().partition("=")
            if name:
                directives[name.lower()] = text.strip('"')
    read = Control(directives, None)
    seconds = next((n for name in ("s-maxage", "max-age") if (n := read.number(name)) is not None), None)
    if seconds is None and "expires" in headers:
        seconds = _until(headers["expires"][0], at)
    return Control(directives, seconds)


def _until(date: str, at: float) -> float:
    """Return the seconds until a date; one that is none lies in the past, RFC 9111 5.3."""
    try:
        instant = parsedate_to_datetime(date)
    except ValueError:
        return 0.0
    return max(0.0, (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp() - at)
