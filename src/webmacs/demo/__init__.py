"""What a new installation shows: a believable past (`webmacs demo`), rules and a dashboard on the simulated reactor."""

from webmacs.demo.dashboards import make_dashboard
from webmacs.demo.fill import Filling, prepare
from webmacs.demo.rules import make_rules

__all__ = ["Filling", "make_dashboard", "make_rules", "prepare"]
