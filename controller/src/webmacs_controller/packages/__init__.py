"""Plugin packages: wheels that the server hands out, checked here as there, and put where plugins are found."""
