"""A number with what it counts."""


def counted(number: int, noun: str) -> str:
    """Return `1 resource`, `2 resources`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
