"""Every fault, every interleaving, every crash: what one run of a scenario cannot show."""
