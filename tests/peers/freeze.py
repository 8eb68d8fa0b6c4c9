"""Holds every thread of a process still but those of one name, as a hang of everything else would: `freeze.py PID NAME`.

Prints one line when they are still. They go on when standard input closes.
"""

import ctypes
import os
import sys

DETACH, SEIZE, INTERRUPT = 17, 0x4206, 0x4207
WALL = 0x40000000

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long


def ptrace(request, thread):
    if libc.ptrace(request, thread, None, None) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error), f"thread {thread}")


def name(process, thread):
    with open(f"/proc/{process}/task/{thread}/comm") as file:
        return file.read().strip()


process, moving = sys.argv[1:]
threads = [int(thread) for thread in os.listdir(f"/proc/{process}/task")]
held = [thread for thread in threads if name(process, thread) != moving]
assert len(held) < len(threads), f"no thread is called {moving}"
for thread in held:
    ptrace(SEIZE, thread)
for thread in held:
    ptrace(INTERRUPT, thread)
    os.waitpid(thread, WALL)
print(f"{len(held)} threads stand still", flush=True)
sys.stdin.read()
for thread in held:
    ptrace(DETACH, thread)
