"""What an operator can set, and where it comes from.

Every setting is an environment variable `HUB_…` (plus the customary `DATABASE_URL`) or an option of the
command that takes it; options win. Anything that has a safe default has one: a fresh machine needs none of
them.
"""

from __future__ import annotations

import functools
import zoneinfo
from pathlib import Path
from typing import Any, Literal

import pydantic
from pydantic_settings import BaseSettings, SettingsConfigDict

from hub import data_folder


class SettingsError(data_folder.OperatorError):
    """A setting is unusable; the message names it."""


class Settings(BaseSettings):
    """The settings of one hub. Frozen: what was read at the start holds until the end.

    Files under `data`: `pg/` (the embedded cluster), `documents/` (evidence, sealed), `papers/`, `secret`,
    `signing-key.json`, `demo-password`, `log/`.
    """

    model_config = SettingsConfigDict(env_prefix="HUB_", frozen=True, extra="forbid", populate_by_name=True)

    data: Path = pydantic.Field(default_factory=data_folder.chosen)
    host: str = "127.0.0.1"
    port: int = pydantic.Field(default=8000, ge=0, le=65535)
    # Roles belong to the whole PostgreSQL server, so two hubs on one server need two prefixes.
    role_prefix: str = pydantic.Field(default="hub", pattern=r"^[a-z][a-z0-9_]{0,30}$")
    # The zone in which calendar days begin and end; instants are stored without one.
    time_zone: str = "Asia/Shanghai"
    # Sign-in of the demo cast and a clock that can be moved. Never on real data.
    demo: bool = False
    issuer: str = pydantic.Field(default_factory=lambda fields: f"http://{fields['host']}:{fields['port']}")
    # One line an event on standard error: for people, or as JSON for a collector.
    log_format: Literal["text", "json"] = "text"
    # Who may read /metrics, as a bearer token. Unset: there is no /metrics.
    metrics_token: pydantic.SecretStr | None = None
    # "transaction": DATABASE_URL leads to a pooler in transaction mode (PgBouncer). Slower, since each read then
    # needs a transaction of its own and prepares its statement anew.
    pooler: Literal["none", "transaction"] = "none"
    database_url: str | None = pydantic.Field(default=None, validation_alias="DATABASE_URL", repr=False)

    @pydantic.field_validator("data")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return data_folder.chosen(value)

    @pydantic.field_validator("database_url", "metrics_token", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: str | None) -> str | None:
        """`DATABASE_URL=` in a compose file means: the embedded one; `HUB_METRICS_TOKEN=`: no metrics."""
        return value or None

    @pydantic.field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            zoneinfo.ZoneInfo(value)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("not a time zone of the IANA list, such as Asia/Shanghai") from error
        return value

    @property
    def documents(self) -> Path:
        """The folder of the documents' bytes; whoever keeps the database keeps it too, and the secret with both."""
        return self.data / "documents"

    @property
    def papers(self) -> Path:
        """The folder of papers that the hub has made lately; nobody needs to keep it."""
        return self.data / "papers"

    @functools.cached_property
    def secret(self) -> bytes:
        """The 32 bytes from which role passwords and keys are derived: HUB_SECRET, else `<data>/secret`."""
        return data_folder.secret(self.data)


def load(**overrides: Any) -> Settings:
    """The settings of the environment, with `overrides` that are not None on top. Raises SettingsError."""
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})
    except pydantic.ValidationError as error:
        raise SettingsError(_told(error)) from error


def _told(error: pydantic.ValidationError) -> str:
    """One line per unusable setting, under the name the operator knows it by; values are not repeated."""
    lines = []
    for problem in error.errors(include_url=False, include_input=False):
        if problem["type"] == "default_factory_not_called":
            continue  # only the echo of another line
        name = str(problem["loc"][0]) if problem["loc"] else "settings"
        shown = name if name == "DATABASE_URL" else f"HUB_{name.upper()}"
        lines.append(f"{shown}: {problem['msg']}")
    return "\n".join(lines)
