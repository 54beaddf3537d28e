"""One file with all that a machine needs to come back: `webmacs backup`, `restore` and `verify-backup`."""
