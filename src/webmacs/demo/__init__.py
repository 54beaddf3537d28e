"""What a new installation shows: a believable past (`webmacs demo`), and rules on the simulated reactor."""

from webmacs.demo.fill import Filling, prepare
from webmacs.demo.rules import make_rules

__all__ = ["Filling", "make_rules", "prepare"]
