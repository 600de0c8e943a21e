"""From where a call comes: an actor of a scenario says it in a header, the embedded world has no socket to tell."""

SOURCE_HEADER = "X-Twin-Source-Ip"
LOOPBACK = "127.0.0.1"
