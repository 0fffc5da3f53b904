"""Signing pushes in Python: an implementation of its own of core/snapshot/push.h, so that tests can sign anything."""

import base64
import hashlib
import time

from nacl.signing import SigningKey

from lib.places import ROOT

SAMPLE_OVERLAY = (ROOT / "core/state/corpus/overlay_fuzz/sample").read_bytes()  # version 3-42, three destinations


def signing_key(keys):
    text = (keys / "push.key").read_text().strip().removeprefix("ed25519:")
    return SigningKey(base64.b64decode(text)[:32])


def header(body, key, kind=None, **changes):
    """The Tributary-Push header for `body`; every field can be replaced."""
    fields = {
        **({"kind": kind} if kind else {}),
        "edge": "test",
        "epoch": 1,
        "generation": 1,
        "length": len(body),
        "sha256": hashlib.sha256(body).hexdigest(),
        "format": 1,
        "expires": int(time.time()) + 300,
        **changes,
    }
    value = "v1; " + "; ".join(f"{name}={content}" for name, content in fields.items())
    signature = key.sign(b"PUT\n" + value.encode()).signature
    return f"{value}; signature={base64.b64encode(signature).decode()}"


def put_overlay(nginx, body, **changes):
    value = header(body, signing_key(nginx.keys), kind="overlay", **changes)
    return nginx.client.put("/tributary/config", content=body, headers={"Tributary-Push": value})
