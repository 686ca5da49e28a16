"""How much processor time work takes that waits for others in between."""

from collections.abc import Callable, Coroutine, Generator
import time
from types import coroutine
from typing import Any


class Meter:
    """Measure work step by step, without what others do while it waits."""

    def __init__(
        self,
        spend: Callable[[float], None],
        clock: Callable[[], float] = time.thread_time,
    ) -> None:
        """Take what gets how many seconds a step took."""
        self._spend = spend
        self._clock = clock
        self._is_measuring = False

    async def measured[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Do the work and return what it returns; within other measured work it is part of that."""
        return await (work if self._is_measuring else self._stepwise(work))

    @coroutine
    def _stepwise[T](self, work: Coroutine[Any, Any, T]) -> Generator[Any, None, T]:
        error: BaseException | None = None
        while True:
            self._is_measuring = True
            began = self._clock()
            try:
                waiting = work.send(None) if error is None else work.throw(error)
            except StopIteration as end:
                result: T = end.value
                return result
            finally:
                # Not kept: its frames hold all that the work held.
                error = None
                self._is_measuring = False
                self._spend(self._clock() - began)
            try:
                yield waiting
            except BaseException as err:  # noqa: BLE001 - the work's own, to be thrown there
                error = err
