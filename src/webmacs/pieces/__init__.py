"""Files in the database, as pieces: in from who uploads them, out to the controllers that are to have them."""
