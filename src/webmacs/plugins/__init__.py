"""Plugin packages: in from administrators, looked into and stored; out to the controllers that are to have them."""
