"""`webmacs doctor`: tries every part of a running installation and says what to do."""

from webmacs.doctor.result import Result
from webmacs.doctor.run import examine
from webmacs.doctor.security import examine_security

__all__ = ["Result", "examine", "examine_security"]
