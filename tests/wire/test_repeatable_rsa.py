"""RSA keys that follow from a text, judged by the library that others use."""

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from upsim.wire import repeatable_rsa


def test_the_same_text_gives_the_same_key() -> None:
    one, again = repeatable_rsa.private_key("seed"), repeatable_rsa.private_key("seed")
    assert one.private_numbers() == again.private_numbers()
    assert one.private_numbers() != repeatable_rsa.private_key("other").private_numbers()


def test_a_key_signs_what_its_public_half_verifies() -> None:
    key = repeatable_rsa.private_key("seed")  # the library checks the numbers when it loads them
    assert key.key_size == 2048
    signature = key.sign(b"text", padding.PKCS1v15(), hashes.SHA256())
    key.public_key().verify(signature, b"text", padding.PKCS1v15(), hashes.SHA256())
