"""PostgreSQL: what its statements about roles mean."""
