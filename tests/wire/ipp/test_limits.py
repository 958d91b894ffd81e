"""The limits, and the error that names one."""

import pickle

import pytest

from upsim.wire.ipp.limits import DEFAULT, Limits, Malformed


def test_malformed_says_what_is_wrong_and_where():
    malformed = Malformed("an integer has 2 octets, not 4", 17)
    assert (malformed.reason, malformed.offset) == ("an integer has 2 octets, not 4", 17)
    assert str(malformed) == "an integer has 2 octets, not 4 (at octet 17)"


def test_malformed_is_a_value_error_that_travels_between_processes():
    malformed = pickle.loads(pickle.dumps(Malformed("reason", 1)))
    assert isinstance(malformed, ValueError)
    assert str(malformed) == "reason (at octet 1)"


def test_limits_do_not_change():
    with pytest.raises(AttributeError):
        DEFAULT.message_bytes = 1


def test_four_mebibytes_of_attributes_are_let_in():
    assert Limits().message_bytes == 4_194_304
