"""Tries a TCP connection: `connect.py FROM TO PORT` prints `open`, or why not. Nobody answers within a second: `silent`."""

import socket
import sys

source, to, port = sys.argv[1:]
try:
    with socket.create_connection((to, int(port)), timeout=1, source_address=(source, 0)) as connection:
        print("open" if connection.recv(16) else "closed")
except TimeoutError:
    print("silent")
except OSError as error:
    print(f"refused: {error}")
