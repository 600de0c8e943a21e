"""How real systems decide, as pure functions: no I/O, no clock, no randomness of their own."""
