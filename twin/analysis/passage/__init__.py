"""The ways of packets from one part of an org to another: what permits each hop, and what would end it."""
