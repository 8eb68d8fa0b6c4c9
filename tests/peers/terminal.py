"""A person at a terminal: runs a command in a pseudo-terminal and answers its questions.

Set-up, one line of JSON: {"command": [...], "answers": [["words of the question", "answer"], …]}. Each answer is typed when its
question has appeared after the one before. Prints {"status", "output"}: the exit status, and all that was on the screen.
"""

import json
import os
import pty
import select
import sys
import time

LONG = 60.0


def main():
    setup = json.loads(sys.stdin.readline())
    child, screen = pty.fork()
    if child == 0:
        os.execvp(setup["command"][0], setup["command"])
    output, seen, answers = "", 0, list(setup["answers"])
    last = time.monotonic()
    while True:
        ready, _, _ = select.select([screen], [], [], 1.0)
        try:
            more = os.read(screen, 65536) if ready else None
        except OSError:  # the command has ended
            break
        if more == b"":
            break
        if more:
            output, last = output + more.decode(errors="replace"), time.monotonic()
        if answers and (at := output.find(answers[0][0], seen)) >= 0:
            seen = at + len(answers[0][0])
            os.write(screen, (answers.pop(0)[1] + "\n").encode())
        if time.monotonic() - last > LONG:
            os.kill(child, 9)
            break
    _, status = os.waitpid(child, 0)
    print(json.dumps({"status": os.waitstatus_to_exitcode(status), "output": output}))


main()
