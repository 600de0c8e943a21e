"""The decisions of `twin decide`, one file per kind; each exposes `command`."""
