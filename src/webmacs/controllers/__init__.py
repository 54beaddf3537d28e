"""Controllers: first contact, and whether they are there."""
