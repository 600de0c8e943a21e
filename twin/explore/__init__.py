"""Every interleaving of a responder, an attacker and the time that writes need to count."""
