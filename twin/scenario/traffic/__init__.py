"""Requests on the virtual clock: how many, by which ways, what became of them, and which writes are lost."""
