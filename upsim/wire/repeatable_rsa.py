"""RSA keys that follow from a text: the same text gives the same key, on every machine.

For tests whose answers must repeat byte for byte. The key is as secret as the text. The primes are the first
after a starting point that SHAKE256 gives (FIPS 202), found with a sieve and confirmed with Miller-Rabin
(FIPS 186-5, appendix B.3). It takes two to five times as long as a random key.
"""

import hashlib
from functools import cache
from math import gcd
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

BITS = 2048
EXPONENT = 65537
_SIEVED = 4096
"""The number of odd numbers in one sieve."""
_BASES = (2, 3, 5, 7, 11, 13, 17, 19)


def private_key(text: str) -> "RSAPrivateKey":
    """Return the key of this text."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    p, q = _prime(f"{text}/p"), _prime(f"{text}/q")
    if p < q:
        p, q = q, p
    d = pow(EXPONENT, -1, (p - 1) * (q - 1) // gcd(p - 1, q - 1))
    numbers = rsa.RSAPrivateNumbers(
        p=p,
        q=q,
        d=d,
        dmp1=rsa.rsa_crt_dmp1(d, p),
        dmq1=rsa.rsa_crt_dmq1(d, q),
        iqmp=rsa.rsa_crt_iqmp(p, q),
        public_numbers=rsa.RSAPublicNumbers(EXPONENT, p * q),
    )
    return numbers.private_key()


def _prime(text: str) -> int:
    """Return the first prime after the text's own starting point that fits the exponent."""
    octets = hashlib.shake_256(text.encode()).digest(BITS // 16)
    start = int.from_bytes(octets) | (3 << (BITS // 2 - 2)) | 1  # two high bits: the product has all its bits
    while True:
        composite = bytearray(_SIEVED)
        for small in _small_primes():
            first = (-start * pow(2, -1, small)) % small
            composite[first::small] = b"\1" * len(range(first, _SIEVED, small))
        for place in range(_SIEVED):
            candidate = start + 2 * place
            if not composite[place] and candidate % EXPONENT != 1 and _is_prime(candidate):
                return candidate
        start += 2 * _SIEVED


def _is_prime(number: int) -> bool:
    """Miller-Rabin. The number was not chosen by an adversary, so a few fixed bases are plenty."""
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    return all(_is_witnessed(number, base, odd, twos) for base in _BASES)


def _is_witnessed(number: int, base: int, odd: int, twos: int) -> bool:
    value = pow(base, odd, number)
    if value in {1, number - 1}:
        return True
    for _ in range(twos - 1):
        value = value * value % number
        if value == number - 1:
            return True
    return False


@cache
def _small_primes() -> tuple[int, ...]:
    limit = 1 << 15
    composite = bytearray(limit)
    found = []
    for number in range(3, limit, 2):
        if not composite[number]:
            found.append(number)
            composite[number * number :: 2 * number] = b"\1" * len(range(number * number, limit, 2 * number))
    return tuple(found)
