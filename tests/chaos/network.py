"""Cuts a server off without a word: its packets are dropped, in both directions, and nobody is told.

In a network namespace of its own (as root on Linux, with iptables), where the kernel drops them; elsewhere a proxy
swallows what it receives.
"""

import os

from processes import run
from proxy import Proxy
from servers import Postgres

# Set by scripts/chaos where the namespace is there.
IS_OWN_NAMESPACE = os.environ.get("CHAOS_NAMESPACE") == "1"


class Link:
    """The way to a server: everybody else connects to `port`."""

    def __init__(self, server: Postgres):
        self.proxy = None if IS_OWN_NAMESPACE else Proxy(server.port)
        self.port = self.proxy.port if self.proxy else server.port

    def cut(self):
        self._drop("-A", True)

    def restore(self):
        self._drop("-D", False)

    def _drop(self, change: str, is_cut: bool):
        if self.proxy:
            self.proxy.is_black_hole = is_cut
            return
        for side in ("--dport", "--sport"):
            run("iptables", "-w", change, "INPUT", "-i", "lo", "-p", "tcp", side, self.port, "-j", "DROP")
