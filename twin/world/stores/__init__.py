"""Where the world keeps AWS's configuration."""
