"""The colours of the explorer, and the theme made from them."""

from textual.theme import Theme

ACCENT = "#82aaff"
FAINT = "#8b93a7"
LOUD = "bold #e8ebf2"

THEME = Theme(
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
