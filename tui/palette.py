"""The colours of the explorer, and the theme made from them."""

from dataclasses import replace

from textual.theme import Theme

ACCENT = "#82aaff"
FAINT = "#8b93a7"
LOUD = "bold #e8ebf2"

DARK = Theme(
    name="twin",
    primary=ACCENT,
    secondary="#7fb685",
    accent=ACCENT,
    foreground="#d5d9e3",
    background="#12151c",
    surface="#171b24",
    panel="#1e2430",
    warning="#f0a35e",
    error="#ef7f88",
    success="#8fd694",
    dark=True,
    variables={
        "scrollbar": "#2f3747",
        "scrollbar-hover": "#46516a",
        "scrollbar-active": "#5a6788",
        "scrollbar-background": "#171b24",
        "scrollbar-background-hover": "#171b24",
        "scrollbar-background-active": "#171b24",
        "scrollbar-corner-color": "#171b24",
        "block-cursor-background": "#2c3a58",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#232a38",
        "block-cursor-blurred-foreground": "#e8ebf2",
        "footer-background": "#1e2430",
        "footer-key-foreground": ACCENT,
    },
)
LIGHT = Theme(
    name="twin-light",
    primary="#2f5fd0",
    secondary="#2f7d32",
    accent="#2f5fd0",
    foreground="#1b2130",
    background="#fbfbfd",
    surface="#f2f4f8",
    panel="#e4e8f0",
    warning="#a85800",
    error="#b3261e",
    success="#2f7d32",
    dark=False,
    variables={"footer-background": "#e4e8f0", "footer-key-foreground": "#2f5fd0"},
)
# Okabe and Ito's colours, which eyes that confuse red and green, or blue and yellow, tell apart.
SAFE_DARK = replace(
    DARK, name="twin-safe", primary="#56b4e9", secondary="#009e73", accent="#56b4e9", warning="#e69f00",
    error="#d55e00", success="#009e73",
)  # fmt: skip
SAFE_LIGHT = replace(
    LIGHT, name="twin-safe-light", primary="#0072b2", secondary="#00694d", accent="#0072b2", warning="#8a5f00",
    error="#a34700", success="#00694d",
)  # fmt: skip
THEMES = (DARK, LIGHT, SAFE_DARK, SAFE_LIGHT)
