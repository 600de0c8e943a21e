"""`twin decide iam`."""
