"""A TCP proxy in front of a server, which can do to its connections what networks do."""

import asyncio
import contextlib

from background import BACKGROUND

CHUNK = 65536
FLUSH_SECONDS = 1
# ReadyForQuery outside of a transaction: what was sent is committed, or rolled back.
READY_AND_IDLE = b"Z\x00\x00\x00\x05I"


class Proxy:
    """Forwards to `target`. Its settings may be changed at any time."""

    def __init__(self, target: int):
        self.target = target
        # Swallows what either side sends, of old and of new connections, and closes nothing.
        self.is_black_hole = False
        # Set while questions, or answers, may pass.
        self.questions, self.answers = asyncio.Event(), asyncio.Event()
        self.delay = 0.0
        # Cuts a connection in place of forwarding each n-th answer that comes after the end of a transaction.
        self.cut_each = 0
        self.ends = self.cuts = 0
        self.connections: set[asyncio.StreamWriter] = set()
        self.port = BACKGROUND.run(self._listen())

    async def _listen(self) -> int:
        self.questions.set()
        self.answers.set()
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024)
        return self.server.sockets[0].getsockname()[1]

    def hold_questions(self, is_held: bool):
        BACKGROUND.loop.call_soon_threadsafe(self.questions.clear if is_held else self.questions.set)

    def reset(self):
        """Closes all connections, as a firewall that restarts does."""
        BACKGROUND.loop.call_soon_threadsafe(self._reset)

    def _reset(self):
        for writer in list(self.connections):
            writer.transport.abort()

    def close(self):
        async def close():
            self.server.close()
            self._reset()

        BACKGROUND.run(close())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        try:
            while self.is_black_hole:
                await asyncio.sleep(0.1)
            upstream, server = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, server}
        self.connections |= ends
        ways = [
            asyncio.ensure_future(self._pass(reader, server, self.questions, False)),
            asyncio.ensure_future(self._pass(upstream, writer, self.answers, True)),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        # The other side reads what was sent before it reads the end.
        for way, end in zip(ways, (server, writer), strict=True):
            if way.done():
                with contextlib.suppress(OSError):
                    end.write_eof()
        await asyncio.wait(ways, timeout=FLUSH_SECONDS)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        self.connections -= ends
        for end in ends:
            end.transport.abort()

    async def _pass(self, reader, writer, gate: asyncio.Event, is_answer: bool):
        """Each piece leaves `delay` after it came, without waiting for the ones before."""
        pieces: asyncio.Queue = asyncio.Queue()
        sending = asyncio.ensure_future(self._send(pieces, writer, gate))
        try:
            while piece := await reader.read(CHUNK):
                if self.is_black_hole:
                    continue
                if is_answer and self._is_cut(piece):
                    return
                pieces.put_nowait((BACKGROUND.loop.time() + (self.delay if is_answer else 0), piece))
            # What came before the end is forwarded before the other side is closed.
            pieces.put_nowait((0, b""))
            await sending
            # A swallowed end is as silent as the rest.
            while self.is_black_hole:
                await asyncio.sleep(0.1)
        except OSError:
            return
        finally:
            sending.cancel()

    def _is_cut(self, piece: bytes) -> bool:
        if not self.cut_each or not piece.endswith(READY_AND_IDLE):
            return False
        self.ends += 1
        is_cut = self.ends % self.cut_each == 0
        self.cuts += is_cut
        return is_cut

    async def _send(self, pieces: asyncio.Queue, writer, gate: asyncio.Event):
        while True:
            due, piece = await pieces.get()
            if not piece:
                return
            await asyncio.sleep(max(0.0, due - BACKGROUND.loop.time()))
            await gate.wait()
            if not self.is_black_hole:
                writer.write(piece)
                await writer.drain()
