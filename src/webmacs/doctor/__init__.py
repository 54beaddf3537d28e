"""`webmacs doctor`: tries every part of a running installation and says what to do."""

from webmacs.doctor.result import Result
from webmacs.doctor.run import examine

__all__ = ["Result", "examine"]
