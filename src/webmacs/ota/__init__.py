"""Bundles of updates: in from administrators, verified and stored; out to the controllers that are to install them."""
