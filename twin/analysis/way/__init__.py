"""A request's way through an org: by which hops it goes, and what becomes of it under the present conditions."""
