#!/usr/bin/env python3
"""send_raw PORT [HOLD [ACCOUNT]]: sends the bytes of standard input to 127.0.0.1:PORT and prints the status of the answer, "closed" where the other
end hangs up without one. With HOLD, that many connections send them, "held" is said, and they are kept open until the other end
closes them; as ACCOUNT, a number."""
import encodings.idna  # before another account, which may not read it
import os
import socket
import sys

port, request = int(sys.argv[1]), sys.stdin.buffer.read()
if len(sys.argv) > 3:
    os.setgroups([])
    os.setgid(int(sys.argv[3]))
    os.setuid(int(sys.argv[3]))


def connect():
    line = socket.create_connection(("127.0.0.1", port), timeout=60)
    try:
        line.sendall(request)
    except OSError:
        pass  # it may hang up before it has heard all
    return line


def status_of(line):
    answer = b""
    try:
        while b"\r\n" not in answer:
            got = line.recv(65536)
            if not got:
                return "closed"
            answer += got
    except OSError:
        return "closed"
    return answer.split(b" ")[1].decode("ascii", "replace")


if len(sys.argv) > 2:
    lines = [connect() for _ in range(int(sys.argv[2]))]
    print("held", flush=True)
    for line in lines:
        try:
            while line.recv(65536):
                pass
        except OSError:
            pass
else:
    print(status_of(connect()))
