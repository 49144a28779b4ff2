"""One event loop, in a thread: proxies and loads run there, while an experiment is read from top to bottom."""

import asyncio
import threading
import time
from collections.abc import Coroutine

_PAUSE = 0.02


class Background:
    def __init__(self):
        self.loop = asyncio.new_event_loop()
        # When the loop was late, and by how much: an answer that came meanwhile looks as late.
        self.stalls: list[tuple[float, float]] = []
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.start(self._watch())

    def start(self, work: Coroutine) -> asyncio.Future:
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def run(self, work: Coroutine, seconds: float = 120):
        return self.start(work).result(seconds)

    def stalled(self, start: float, end: float) -> float:
        """How long the loop did nothing between two instants: what a measured time may be too long by."""
        return sum(late for when, late in self.stalls if start <= when <= end + _PAUSE)

    async def _watch(self):
        while True:
            before = time.monotonic()
            await asyncio.sleep(_PAUSE)
            late = time.monotonic() - before - _PAUSE
            if late > _PAUSE:
                self.stalls.append((before, late))


BACKGROUND = Background()
