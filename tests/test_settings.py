"""Settings and the secrets of the data folder: where they come from, and what is said about an unusable one."""

from __future__ import annotations

import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hub import data_folder
from hub.data_folder import DataFolderError
from hub.settings import SettingsError, load

SECRET = bytes(range(32))


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HUB_DATA", "HUB_SECRET", "HUB_PORT", "HUB_DEMO", "HUB_TIME_ZONE", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)


def test_options_win_over_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_DATA", str(tmp_path / "environment"))
    monkeypatch.setenv("HUB_PORT", "9000")
    assert load().data == tmp_path / "environment"
    settings = load(data=tmp_path / "option", port=None)
    assert (settings.data, settings.port) == (tmp_path / "option", 9000)
    assert settings.issuer == "http://127.0.0.1:9000"


def test_a_relative_data_folder_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load(data=Path("here")).data == tmp_path / "here"


def test_the_default_folder_of_a_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_DATA_HOME", "/somewhere")
    assert data_folder.default() == Path("/somewhere/xingfuli-hub")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert data_folder.default() == Path("/var/lib/xingfuli-hub")


def test_an_empty_database_url_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    assert load().database_url is None
    monkeypatch.setenv("DATABASE_URL", "postgresql://ann:secret@db/city")
    assert load().database_url == "postgresql://ann:secret@db/city"
    assert "secret" not in repr(load())


def test_unusable_settings_are_told_by_name_without_their_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_PORT", "hunter2")
    monkeypatch.setenv("HUB_TIME_ZONE", "Mars/Base")
    with pytest.raises(SettingsError) as told:
        load()
    assert str(told.value).splitlines() == [
        "HUB_PORT: Input should be a valid integer, unable to parse string as an integer",
        "HUB_TIME_ZONE: Value error, not a time zone of the IANA list, such as Asia/Shanghai",
    ]


def test_the_secret_is_made_once_and_kept_to_its_owner(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with ThreadPoolExecutor(8) as threads:
        made = set(threads.map(lambda _: load(data=data).secret, range(16)))
    assert len(made) == 1
    assert len(made.pop()) == 32
    assert stat.S_IMODE((data / "secret").stat().st_mode) == 0o600
    assert [path.name for path in data.iterdir()] == ["secret"]


def test_the_secret_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_SECRET", base64.b64encode(SECRET).decode())
    assert load(data=tmp_path).secret == SECRET
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["short", "AAAA", "ÄÄÄÄ", base64.b64encode(bytes(31)).decode()])
def test_an_unusable_secret_is_told(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_SECRET", text)
    with pytest.raises(DataFolderError, match="HUB_SECRET must be 32 random bytes in base64"):
        _ = load(data=tmp_path).secret
