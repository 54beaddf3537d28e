"""The command `webmacs-controller`; one file a subcommand."""
