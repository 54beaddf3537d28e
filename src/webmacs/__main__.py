"""`python -m webmacs` is the `webmacs` command."""

from webmacs.cli.main import main

main()
