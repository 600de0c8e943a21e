"""What must hold before anything goes live."""
