"""Speaks systemd's notify protocol (sd_notify(3)): one datagram per message, nothing where no socket is set."""

import os
import socket
import time
from collections.abc import Mapping
from datetime import timedelta


class Notifier:
    """Tells the service manager how we are. Every method does nothing when `$NOTIFY_SOCKET` is not set."""

    def __init__(self, address: str | None, watchdog: timedelta | None = None) -> None:
        self._address = "\0" + address[1:] if address and address.startswith("@") else address
        self.watchdog_limit = watchdog

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], pid: int) -> "Notifier":
        limit = None
        if environ.get("WATCHDOG_USEC", "").isdigit() and environ.get("WATCHDOG_PID", str(pid)) == str(pid):
            limit = timedelta(microseconds=int(environ["WATCHDOG_USEC"]))
        return cls(environ.get("NOTIFY_SOCKET"), limit)

    def ready(self, status: str) -> None:
        self._send(f"READY=1\nSTATUS={_on_one_line(status)}")

    def status(self, status: str) -> None:
        self._send(f"STATUS={_on_one_line(status)}")

    def alive(self) -> None:
        self._send("WATCHDOG=1")

    def extend(self, time_out: timedelta) -> None:
        """Starting takes longer than usual (a migration): asks for `time_out` from now on."""
        self._send(f"EXTEND_TIMEOUT_USEC={int(time_out.total_seconds() * 1_000_000)}")

    def reloading(self) -> None:
        self._send(f"RELOADING=1\nMONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def stopping(self) -> None:
        self._send("STOPPING=1\nSTATUS=stopping")

    def _send(self, message: str) -> None:
        if self._address is None:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            channel.connect(self._address)
            channel.sendall(message.encode())


def _on_one_line(text: str) -> str:
    """A second line would be another variable."""
    return " ".join(text.split())


def notifier() -> Notifier:
    """The notifier of this process."""
    return Notifier.from_environ(os.environ, os.getpid())
