"""Signed notes made by other means than the program's: hashlib and the `cryptography` package.

    python3 interop/audit/vectors.py > crates/vault/src/audit/note/vectors.txt

Writes a checkpoint of a log as https://c2sp.org/tlog-checkpoint has it, with the log's signature and a witness' cosignature
(https://c2sp.org/tlog-cosignature), from fixed seeds: three lines with the seed of the log's key, its verifier key and the
witness', an empty line, then the note. The test `notes_of_others_are_read` reads it.
"""

import base64
import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

LOG, WITNESS = "parloir/audit/wsp_" + "0" * 31 + "1", "witness.example/w1"


def key(seed: bytes) -> tuple[Ed25519PrivateKey, bytes]:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    return private, private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def key_id(name: str, kind: int, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def vkey(name: str, kind: int, public: bytes) -> str:
    return f"{name}+{key_id(name, kind, public).hex()}+{base64.b64encode(bytes([kind]) + public).decode()}"


def line(name: str, kind: int, public: bytes, signature: bytes) -> str:
    return f"\u2014 {name} {base64.b64encode(key_id(name, kind, public) + signature).decode()}"


def leaf_hash(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\0" + leaf).digest()


def root(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(b"\1" + root(leaves[:split]) + root(leaves[split:])).digest()


def main() -> None:
    leaves = [bytes([number]) * 49 for number in range(1, 8)]
    b64 = lambda data: base64.b64encode(data).decode()
    seed = bytes(range(32))
    log, log_public = key(seed)
    witness, witness_public = key(bytes(range(32, 64)))
    text = (
        f"{LOG}\n{len(leaves)}\n{b64(root(leaves))}\n"
        f"number 2\ntime 1900000000000\nprevious {b64(root(leaves[:4]))}\n"
    )
    seen = 1_900_000_000
    cosigned = f"cosignature/v1\ntime {seen}\n{text}".encode()
    print(seed.hex())
    print(vkey(LOG, 1, log_public))
    print(vkey(WITNESS, 4, witness_public))
    print()
    print(text)
    print(line(LOG, 1, log_public, log.sign(text.encode())))
    print(line(WITNESS, 4, witness_public, seen.to_bytes(8, "big") + witness.sign(cosigned)))


main()
