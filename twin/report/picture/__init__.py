"""A picture of a topology: boxes within boxes, lines between them, marks upon them; drawn as SVG or Mermaid."""
