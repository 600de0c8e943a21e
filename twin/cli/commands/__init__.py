"""The commands, one file each; a file without `command` is none."""
