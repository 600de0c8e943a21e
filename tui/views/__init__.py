"""The views of the explorer, one file each."""
