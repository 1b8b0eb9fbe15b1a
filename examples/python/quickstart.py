"""Makes a key, signs a token with it, verifies the token, and sees a wrong one refused."""

from datetime import UTC, datetime, timedelta

import authwright as aw

# The issuer: keeps the private key, and publishes the public one.
key = aw.Key.generate("ES256", kid="2026-11")
signer = aw.Signer(key, issuer="https://id.example", audience="api", lifetime=timedelta(minutes=15))
published = aw.KeySet([key]).to_json()

token = signer.sign({"sub": "alice", "scope": "read"})
print("token:   ", token[:40] + "...")

# The service: reads the published keys once, and verifies with them from any thread.
verifier = aw.Verifier(aw.KeySet.from_json(published), issuer="https://id.example", audience="api")
verified = verifier.verify(token)
print("claims:  ", verified.claims)
print("header:  ", verified.header)

# Tomorrow the token has expired. Each reason has a class of its own, and a code that is the same in every language.
try:
    verifier.verify(token, now=datetime.now(UTC) + timedelta(days=1))
except aw.TokenExpiredError as error:
    print("tomorrow:", error.code, "-", error)

# Another service's token is not for us, though the signature is good.
other = aw.Signer(key, issuer="https://id.example", audience="billing", lifetime=900).sign({"sub": "alice"})
try:
    verifier.verify(other)
except aw.AuthwrightError as error:
    print("other:   ", error.code, error.field, "-", error)
