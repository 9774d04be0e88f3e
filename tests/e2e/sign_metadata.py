#!/usr/bin/env python3
"""sign_metadata.py FILE KEY...: signs a TUF document in place with these Ed25519 keys (NAME.pem, with NAME.pub.json beside it), and
with nothing else: what a thief does who has keys, but none of our programs' scruples."""
import hashlib
import json
import subprocess
import sys
import tempfile


def canonical(value):
    # Keys of ASCII and whole numbers alone, as haishin's documents have: then this is the canonical form.
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def signature(pem, data):
    with tempfile.NamedTemporaryFile() as text:
        text.write(data)
        text.flush()
        made = subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", pem, "-in", text.name],
                              check=True, capture_output=True)
    return made.stdout.hex()


def key_id(pem):
    with open(pem[:-len(".pem")] + ".pub.json") as file:
        return hashlib.sha256(canonical(json.load(file))).hexdigest()


path, keys = sys.argv[1], sys.argv[2:]
with open(path) as file:
    signed = json.load(file)["signed"]
signatures = [{"keyid": key_id(key), "sig": signature(key, canonical(signed))} for key in keys]
with open(path, "w") as file:
    json.dump({"signatures": signatures, "signed": signed}, file)
