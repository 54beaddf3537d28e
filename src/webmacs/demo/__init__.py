"""What a new installation shows: a believable past (`webmacs demo`), rules and a dashboard on the simulated reactor."""

from webmacs.demo.dashboards import is_new, make_dashboard
from webmacs.demo.fill import Filling, fill_yesterday, prepare
from webmacs.demo.rules import make_rules

__all__ = ["Filling", "fill_yesterday", "is_new", "make_dashboard", "make_rules", "prepare"]
