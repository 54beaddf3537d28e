"""Apache in front of everything: its virtual host, filled with what the configuration says."""
