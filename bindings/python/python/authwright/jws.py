"""Signatures over any bytes (RFC 7515), without claims and their rules.

For JSON Web Tokens use Signer and Verifier: what is verified here says nothing about expiry, audience or issuer.
"""

from ._core import Verified as Verified
from ._core import jws_sign as sign
from ._core import jws_verify as verify

__all__ = ["Verified", "sign", "verify"]
