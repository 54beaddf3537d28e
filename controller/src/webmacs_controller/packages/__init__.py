"""Plugin packages: wheels that the server hands out, checked here as there, and put where plugins are found."""

from io import BufferedRandom, BufferedReader
from typing import TypeAlias

File: TypeAlias = BufferedReader | BufferedRandom
"""A wheel that is open, to be read from any place, more than once."""
