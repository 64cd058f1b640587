"""The vault: what is sealed opens only where it belongs, and its index and pseudonym tell nothing without the key."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.base.seal import NONCE_BYTES, Vault

ONE = UUID("00000000-0000-7000-8000-000000000001")
OTHER = UUID("00000000-0000-7000-8000-000000000002")


@pytest.fixture(scope="module")
def vault() -> Vault:
    return Vault(b"a secret of thirty-two bytes ...")


@given(st.text())
def test_what_is_sealed_opens(value: str) -> None:
    vault = Vault(b"s" * 32)
    key = vault.new_key(ONE)
    sealed = vault.seal(key, ONE, "phone", value)
    assert vault.open(key, ONE, "phone", sealed) == value
    assert len(sealed) == NONCE_BYTES + len(value.encode()) + 16


def test_equal_values_look_different_each_time(vault: Vault) -> None:
    key = vault.new_key(ONE)
    assert vault.seal(key, ONE, "phone", "1") != vault.seal(key, ONE, "phone", "1")


def test_a_value_does_not_open_in_another_place(vault: Vault) -> None:
    key, other_key = vault.new_key(ONE), vault.new_key(OTHER)
    sealed = vault.seal(key, ONE, "phone", "13812348000")
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for place in (
        (key, ONE, "address", sealed),
        (key, OTHER, "phone", sealed),
        (other_key, ONE, "phone", sealed),
        (other_key, OTHER, "phone", sealed),
        (key, ONE, "phone", changed),
        (key, ONE, "phone", sealed[:NONCE_BYTES]),
    ):
        with pytest.raises(ValueError, match="does not belong"):
            vault.open(*place)


def test_another_hubs_secret_opens_nothing(vault: Vault) -> None:
    key = vault.new_key(ONE)
    sealed = vault.seal(key, ONE, "phone", "13812348000")
    with pytest.raises(ValueError, match="does not belong"):
        Vault(b"another secret").open(key, ONE, "phone", sealed)


def test_the_index_finds_equal_values_of_one_kind_only(vault: Vault) -> None:
    index = vault.index("id_number", "320311194301011028")
    assert index == vault.index("id_number", "320311194301011028")
    assert index != vault.index("id_number", "320311194301011029")
    assert index != vault.index("phone", "320311194301011028")
    assert index != Vault(b"another secret").index("id_number", "320311194301011028")
    assert b"320311" not in index


def test_pseudonyms_are_stable_and_tell_nothing(vault: Vault) -> None:
    names = {vault.pseudonym(UUID(int=number)) for number in range(2_000)}
    assert len(names) == 2_000
    assert vault.pseudonym(ONE) == vault.pseudonym(ONE)
    assert vault.pseudonym(ONE) != Vault(b"another secret").pseudonym(ONE)
    assert all(name.startswith("R-") and len(name) == 12 for name in names)
