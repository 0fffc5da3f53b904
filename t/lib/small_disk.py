"""A file system that is full when a test wants it to be."""

import subprocess
from contextlib import contextmanager

from lib.places import give_to


@contextmanager
def mounted(path, size_kb, owner):
    """Mounts a small file system at `path`, which exists; only root may."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size_kb}k,mode=755", "tmpfs", path], check=True)
    try:
        give_to(path, owner)
        yield path
    finally:
        subprocess.run(["umount", "-l", path], check=True)


def fill(path):
    """Take every free block; returns the file that holds them."""
    hog = path / "hog"
    with hog.open("wb", buffering=0) as file:
        for size in (1 << 20, 4096):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                pass
    return hog
