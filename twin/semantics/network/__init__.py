"""Which packets arrive: reachability over a typed topology, by sets of headers, as AWS documents it."""
