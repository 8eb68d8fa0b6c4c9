"""Accepts TCP connections on the given ports of every address, says a line to each and closes; prints `ready` when all are open."""

import socket
import sys
import threading


def serve(listener: socket.socket) -> None:
    while True:
        connection, _ = listener.accept()
        connection.sendall(b"here\n")
        connection.close()


def main() -> None:
    listeners = [socket.create_server(("", int(port)), reuse_port=True) for port in sys.argv[1:]]
    threads = [threading.Thread(target=serve, args=(listener,)) for listener in listeners]
    for thread in threads:
        thread.start()
    print("ready", flush=True)


main()
