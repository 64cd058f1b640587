"""The packages of the node contestants: exact, installed once a lock file, and under licences that take nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from hub.bench.contestants import mercurius, node, postgraphile
from hub.bench.queries import READS

PERMISSIVE = {"MIT", "ISC", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "BlueOak-1.0.0", "PSF-2.0"}


def _read(name: str) -> dict[str, Any]:
    return json.loads((node.SOURCES / name).read_text())


def test_versions_are_exact() -> None:
    """A bench that takes whatever is newest compares with something else every day."""
    wanted = _read("package.json")["dependencies"]
    assert [name for name, version in wanted.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
    assert _read("package-lock.json")["packages"][""]["dependencies"] == wanted


def test_licences_are_permissive() -> None:
    """Of everything that the lock file brings, the node program among them."""
    packages = {name: package for name, package in _read("package-lock.json")["packages"].items() if name}
    assert {name for name, package in packages.items() if package.get("license") not in PERMISSIVE} == set()


def test_each_lock_file_has_its_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In the user's cache; packages of another lock file are never taken for these."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    here = node.folder()
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "package-lock.json").write_text("{}")
    monkeypatch.setattr(node, "SOURCES", sources)
    assert here.parent == tmp_path / "cache" / "xingfuli-hub"
    assert node.folder().parent == here.parent
    assert node.folder() != here


def test_without_npm_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """And makes nothing, so that the report can tell why they are left out."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(node.platform, "system", lambda: "Linux")
    monkeypatch.setattr(node.platform, "machine", lambda: "x86_64")
    node.missing.cache_clear()
    try:
        assert node.missing() == "there is no npm"
        assert list(tmp_path.iterdir()) == []
    finally:
        node.missing.cache_clear()


def test_another_processor_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package that carries node is for one kind of machine."""
    monkeypatch.setattr(node.platform, "machine", lambda: "aarch64")
    node.missing.cache_clear()
    try:
        assert node.missing() == "there is a node of the right version for Linux on x86-64 only"
    finally:
        node.missing.cache_clear()


@pytest.mark.parametrize(
    "contestant", [postgraphile.CONTESTANT, mercurius.CONTESTANT], ids=lambda each: each.name
)
def test_everything_is_asked_but_the_report(contestant: Any) -> None:
    """Left out on purpose: `hub.bench.contestants.postgraphile` and `mercurius` say why."""
    assert set(contestant.texts) == {read.key for read in READS} - {"station_report"}
