"""A Ray of a test's own, on the loopback of a network namespace that this program is started in, and a way out of it: a socket in the
file system from which connections lead to Ray's dashboard. Its arguments: the program ray, a folder, how many cores.
"""

import fcntl
import os
import socket
import struct
import subprocess
import sys
import threading

ray, folder, cores = sys.argv[1:]
port = 8265


def raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        up = 0x1 | 0x40
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH14x", b"lo", up))


def carry(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        for each in (source, target):
            each.close()


def serve() -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.join(folder, "dashboard.sock"))
        server.listen()
        while True:
            outside, _ = server.accept()
            try:
                inside = socket.create_connection(("127.0.0.1", port))
            except OSError:
                outside.close()
                continue
            for pair in ((outside, inside), (inside, outside)):
                threading.Thread(target=carry, args=pair, daemon=True).start()


raise_loopback()
threading.Thread(target=serve, daemon=True).start()
start = [ray, "start", "--head", "--block", "--port=6379", "--dashboard-host=127.0.0.1", f"--dashboard-port={port}"]
limits = [f"--num-cpus={cores}", "--object-store-memory=100000000", "--disable-usage-stats"]
head = subprocess.Popen([*start, *limits, f"--temp-dir={folder}/ray"], stdin=subprocess.DEVNULL)
# It is the first process of its namespace, to which all come that have lost their own parent.
while os.wait()[0] != head.pid:
    pass
