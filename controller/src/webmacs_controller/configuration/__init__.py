"""What the controller is to do: as the server wants it, as it is done, and as it is kept for the next start."""
