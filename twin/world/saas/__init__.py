"""saas."""
