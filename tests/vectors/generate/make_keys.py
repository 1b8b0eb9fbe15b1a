"""Makes keys.json: the keys of the corpus. Run once, and committed: new keys would change every token.

What cannot be made twice alike (certificates, encrypted keys) is kept there too. The keys are public: use them for
nothing else.
"""

import datetime
import json
import pathlib
import subprocess

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa, x448, x25519
from cryptography.x509.oid import NameOID

PATH = pathlib.Path(__file__).with_name("keys.json")
PKCS8 = serialization.PrivateFormat.PKCS8
TRADITIONAL = serialization.PrivateFormat.TraditionalOpenSSL
PASSWORD = "correct horse"


def pem(key, form=PKCS8, encryption=None):
    encryption = encryption or serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, encryption).decode()


def certificate(key):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authwright test vectors")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(0x6175746877726967)
        .not_valid_before(datetime.datetime(2020, 1, 1))
        .not_valid_after(datetime.datetime(2021, 1, 1))
    )
    signed = builder.sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM).decode()


def encrypted(key, *arguments):
    """PKCS#8 in PEM, encrypted by the openssl program, which knows more schemes than `cryptography`."""
    command = ["openssl", "pkcs8", "-topk8", "-passout", "pass:" + PASSWORD, *arguments]
    return subprocess.run(command, input=pem(key), capture_output=True, text=True, check=True).stdout


def main():
    keys = {
        "rsa-a": rsa.generate_private_key(65537, 2048),
        "rsa-b": rsa.generate_private_key(65537, 2048),
        "rsa-3072": rsa.generate_private_key(65537, 3072),
        "rsa-1024": rsa.generate_private_key(65537, 1024),
        "rsa-e3": rsa.generate_private_key(3, 2048),
        "p256-a": ec.generate_private_key(ec.SECP256R1()),
        "p256-b": ec.generate_private_key(ec.SECP256R1()),
        "p384": ec.generate_private_key(ec.SECP384R1()),
        "p384-b": ec.generate_private_key(ec.SECP384R1()),
        "p521": ec.generate_private_key(ec.SECP521R1()),
        "p521-b": ec.generate_private_key(ec.SECP521R1()),
        "k256": ec.generate_private_key(ec.SECP256K1()),
        "k256-b": ec.generate_private_key(ec.SECP256K1()),
        "p224": ec.generate_private_key(ec.SECP224R1()),
        "brainpool256": ec.generate_private_key(ec.BrainpoolP256R1()),
        "ed25519-a": ed25519.Ed25519PrivateKey.generate(),
        "ed25519-b": ed25519.Ed25519PrivateKey.generate(),
        "ed448": ed448.Ed448PrivateKey.generate(),
        "x25519": x25519.X25519PrivateKey.generate(),
        "x448": x448.X448PrivateKey.generate(),
        "dsa": dsa.generate_private_key(2048),
    }
    material = {
        "private": {name: pem(key) for name, key in keys.items()},
        "certificates": {
            name: certificate(keys[name]) for name in ("rsa-a", "p256-a", "p384", "p521", "ed25519-a", "rsa-1024")
        },
        "encrypted": {
            "password": PASSWORD,
            "p256-a": encrypted(keys["p256-a"], "-v2", "aes-256-cbc", "-iter", "2048"),
            "rsa-a": encrypted(keys["rsa-a"], "-v2", "aes-256-cbc", "-iter", "2048"),
            "ed25519-a": encrypted(keys["ed25519-a"], "-v2", "aes-256-cbc", "-iter", "2048"),
            "p256-a-scrypt": encrypted(keys["p256-a"], "-scrypt"),
            "p256-a-aes128-sha1": encrypted(keys["p256-a"], "-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA1"),
            "p256-a-aes256-sha512": encrypted(keys["p256-a"], "-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA512"),
            "p256-a-pbes1": encrypted(keys["p256-a"], "-v1", "PBE-SHA1-3DES"),
            "rsa-a-traditional": pem(
                keys["rsa-a"], TRADITIONAL, serialization.BestAvailableEncryption(PASSWORD.encode())
            ),
        },
        "openssh": {
            "rsa-a-public": keys["rsa-a"]
            .public_key()
            .public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
            .decode(),
            "ed25519-a-private": pem(keys["ed25519-a"], serialization.PrivateFormat.OpenSSH),
        },
    }
    PATH.write_text(json.dumps(material, indent=1) + "\n")


if __name__ == "__main__":
    main()
