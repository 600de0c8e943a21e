"""The keys that move in lists, trees and texts, arrows and vim's alike."""

from textual.binding import BindingType

from tui.actions import bindings

LIST: list[BindingType] = bindings("list")
TABLE: list[BindingType] = bindings("list", "table")
TREE: list[BindingType] = bindings("tree")
TEXT: list[BindingType] = bindings("text")
