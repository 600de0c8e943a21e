"""The keys that move in lists, trees and texts, arrows and vim's alike; the help is made from them."""

from textual.binding import Binding, BindingType


def _quiet(key: str, action: str, description: str) -> Binding:
    return Binding(key, action, description, show=False)


PAGES: list[BindingType] = [
    _quiet("pagedown,ctrl+d", "page_down", "A page down"),
    _quiet("pageup,ctrl+u", "page_up", "A page up"),
]
LIST: list[BindingType] = [
    _quiet("down,j", "cursor_down", "Down"),
    _quiet("up,k", "cursor_up", "Up"),
    _quiet("home,g", "first", "To the first"),
    _quiet("end,G", "last", "To the last"),
    *PAGES,
    _quiet("enter", "select", "Choose it"),
]
TABLE: list[BindingType] = [
    *LIST,
    _quiet("right,l", "right", "To the right"),
    _quiet("left,h", "left", "To the left, or out"),
    _quiet("s", "sort", "Sort by the next column"),
]
TREE: list[BindingType] = [
    _quiet("down,j", "cursor_down", "Down"),
    _quiet("up,k", "cursor_up", "Up"),
    _quiet("right,l", "open", "Open, or go in"),
    _quiet("left,h", "close", "Close, or go out"),
    _quiet("enter", "enter", "Open or close, or go in"),
    _quiet("home,g", "scroll_home", "To the first"),
    _quiet("end,G", "scroll_end", "To the last"),
    *PAGES,
]
TEXT: list[BindingType] = [
    _quiet("down,j", "scroll_down", "Down"),
    _quiet("up,k", "scroll_up", "Up"),
    _quiet("home,g", "scroll_home", "To the beginning"),
    _quiet("end,G", "scroll_end", "To the end"),
    *PAGES,
]
