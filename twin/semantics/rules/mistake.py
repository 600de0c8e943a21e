"""What is wrong with an expression, and at which character."""


class RuleError(Exception):
    """An expression that is not one of the language; `offset` counts characters from 0."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
