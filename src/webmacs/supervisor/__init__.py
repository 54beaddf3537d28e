"""`webmacs up`: starts, watches and stops all parts in order."""
