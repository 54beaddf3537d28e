"""Commands: pushed to the controllers that have a socket here, and what these say became of them."""
