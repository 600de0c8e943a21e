"""The table of documented decisions, one file per part of the documentation."""
