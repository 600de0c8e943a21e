"""An instant of a run as people read and write it: `1:05:00`, `90`, `65m`, `50%`."""

from twin.scenario.duration import seconds as duration


def clock(seconds: float) -> str:
    """Write seconds as `2:05:00`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"


def instant(text: str, end: float) -> float:
    """Read an instant of a run that lasted until `end`, in seconds since its start; ValueError when it is none."""
    text = text.strip()
    if text.endswith("%"):
        return end * float(text[:-1]) / 100
    if ":" in text:
        found = 0.0
        for part in text.split(":"):
            found = found * 60 + float(part)
        return found
    return float(text) if text.replace(".", "", 1).isdigit() else duration(text)
