"""What sequences drive: by the way of commands, no longer than they may, and safe when they end before their time."""
