"""The spec layer: YAML to typed intent, every value with its line and column."""
