"""A firewall that judges clients by their TLS handshake and lets browsers alone through to a replica."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_GREASE = frozenset(0x0A0A + 0x1010 * step for step in range(16))
"""Values that browsers put among their ciphers for servers to ignore (RFC 8701); OpenSSL's clients do not."""


def is_of_browser(hello: bytes) -> bool:
    """Whether a ClientHello offers a GREASE value among its ciphers."""
    at = 43  # record header 5, handshake header 4, version 2, random 32
    at += 1 + hello[at]
    length = int.from_bytes(hello[at : at + 2], "big")
    ciphers = hello[at + 2 : at + 2 + length]
    return any(int.from_bytes(ciphers[one : one + 2], "big") in _GREASE for one in range(0, len(ciphers), 2))


@contextmanager
def handshake_gate(port: int) -> Iterator[tuple[str, list[bool]]]:
    """The address of a gate before the server at a port of loopback, and of each client whether it was let through."""
    seen: list[bool] = []
    server = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=_judge, args=(client, port, seen), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.getsockname()[1]}", seen
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(timeout=5)


def _judge(client: socket.socket, port: int, seen: list[bool]) -> None:
    with client, suppress(OSError):
        seen.append(is_of_browser(client.recv(4096, socket.MSG_PEEK)))
        if not seen[-1]:
            return
        with socket.create_connection(("127.0.0.1", port)) as server:
            back = threading.Thread(target=_relay, args=(server, client), daemon=True)
            back.start()
            _relay(client, server)
            back.join()


def _relay(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
