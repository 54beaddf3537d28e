"""Time-stamps: the time since boot plus an offset, which changes only when somebody who is trusted says so."""

import logging
from datetime import UTC, datetime, timedelta

from webmacs_controller.clock.kernel import Kernel, Linux

log = logging.getLogger(__name__)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
SECOND = 1_000_000

SET_SINCE = datetime(2000, 1, 1, tzinfo=UTC)
"""An earlier time-stamp is of a clock that was not set: it counts from the boot as if that had been in 1970."""

LOOK_EACH = SECOND
"""For how long the system clock may have been set before that is noticed."""

AGREE = 2 * SECOND
"""The system clock and the server's agree if they differ by no more, and the time that the answer was on its way."""

STEP = SECOND // 20
"""The system clock was set if it differs by more; time services adjust the rate of both clocks of the kernel."""

MOST_AHEAD = 600 * SECOND
"""A clock that was ahead by no more goes at half speed until it is right: no time comes twice, rules and the newest
values go on. Values that were further ahead the server has refused (`future`), so then time goes back at once."""


class Clock:
    """`now` is UTC, and later at each call. Until `is_set` it counts from the boot (SET_SINCE); `first_offset`, in
    microseconds, leads from such time-stamps of this boot to UTC (`corrected`)."""

    def __init__(self, kernel: Kernel | None = None) -> None:
        self._kernel = kernel or Linux()
        self.boot_id = self._kernel.boot_id
        self.first_offset: int | None = None
        self._offset = 0
        self._ahead, self._ahead_at = 0, 0  # by how much the offset is left too large for now, and since when
        self._system_offset = self.system_offset
        self._synchronised = False
        self._last = 0
        self._looked = self._kernel.boot_time()
        self._look()

    @property
    def is_set(self) -> bool:
        """Whether the time of the day is known."""
        return self.first_offset is not None

    @property
    def system_offset(self) -> int:
        """The system clock's, which may be wrong."""
        boot_time, real_time = self._kernel.boot_and_real_time()
        return real_time - boot_time

    def now(self) -> datetime:
        """The moment of a measurement."""
        boot_time = self._kernel.boot_time()
        if boot_time - self._looked >= LOOK_EACH:
            self._looked = boot_time
            self._look()
        self._last = max(boot_time + self._offset_at(boot_time), self._last + 1)
        return EPOCH + self._last * MICROSECOND

    def ask(self) -> int:
        """To be called when the server is asked for its time, and given to `told`."""
        return self._kernel.boot_time()

    def told(self, time: datetime | None, asked: int) -> None:
        """The server's answer; None if it is one that tells none."""
        self._look()
        if time is not None and time < SET_SINCE:
            log.error("the server's clock is at %s, that cannot be", time)
        elif time is not None:
            self._compare((time - EPOCH) // MICROSECOND, asked, self._kernel.boot_time())
        elif not self.is_set:
            self._set(self._system_offset, "nobody has said that it is wrong")

    def _compare(self, time: int, asked: int, answered: int) -> None:
        least, most = time - answered, time - asked
        known = [self._offset, self._system_offset] if self.is_set else [self._system_offset]
        agreeing = [offset for offset in known if least - AGREE <= offset <= most + AGREE]
        if self._synchronised and not agreeing:
            log.warning("the server's clock is %.1f s off the synchronised one here", (most - self._offset) / SECOND)
        elif not self._synchronised:
            self._set((agreeing or [(least + most) // 2])[0], "the server said so")

    def _look(self) -> None:
        before, self._system_offset = self._system_offset, self.system_offset
        self._synchronised = self._kernel.is_synchronised()
        if self._synchronised:
            self._set(self._system_offset, "the system clock is synchronised")
        elif abs(self._system_offset - before) > STEP:
            moved = (self._system_offset - before) / SECOND
            log.warning("the system clock was set by %+.1f s and is not synchronised: nothing follows it yet", moved)

    def _set(self, offset: int, why: str) -> None:
        if self.first_offset is None:
            self.first_offset = self._offset = offset
            self._last += offset
            log.info("the clock is set, %s: %s", why, EPOCH + (self._kernel.boot_time() + offset) * MICROSECOND)
        elif abs(offset - self._offset) > STEP:
            self._step(offset, why)

    def _step(self, offset: int, why: str) -> None:
        boot_time = self._kernel.boot_time()
        log.warning("the clock was %+.1f s off, %s", (self._offset - offset) / SECOND, why)
        ahead = self._offset_at(boot_time) - offset
        if ahead > MOST_AHEAD:
            self._last = 0
        self._ahead = ahead if 0 < ahead <= MOST_AHEAD else 0
        self._offset, self._ahead_at = offset, boot_time

    def _offset_at(self, boot_time: int) -> int:
        return self._offset + max(0, self._ahead - (boot_time - self._ahead_at) // 2)
