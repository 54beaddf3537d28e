"""The `webmacs` command: one module a subcommand."""
