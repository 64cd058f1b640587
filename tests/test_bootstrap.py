"""`python3 -m hub` before anything is installed: what it does, in which order, and what it says when it cannot.

A small checkout with the real `hub/__main__.py` and a command line that prints its arguments. Where the test is about
installing, a small script stands in for the uv that would reach out to the network; the real one runs in the full test.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hub import __main__ as bootstrap

COMMAND_LINE = (
    "import os, sys\ndef main():\n    print(sys.prefix, *sys.argv[1:], 'HUB_BOOTSTRAPPED' in os.environ)\n"
)
UV = """#!/bin/sh
echo "$UV_PYTHON_DOWNLOADS $UV_PROJECT_ENVIRONMENT $*" >> "$0.log"
sleep 0.2
if [ -f "$0.fails" ]; then cat "$0.fails" >&2; exit 2; fi
"""


class Checkout:
    """A checkout in a folder of its own, whose `.venv` holds a Python and the stand-in for uv."""

    def __init__(self, root: Path, uv: str = UV) -> None:
        self.root = root
        (root / "hub").mkdir(parents=True)
        (root / "hub" / "__init__.py").touch()
        (root / "hub" / "cli.py").write_text(COMMAND_LINE)
        shutil.copy(bootstrap.__file__, root / "hub" / "__main__.py")
        for name in ("uv.lock", "pyproject.toml"):
            (root / name).write_text("one")
        if uv:
            subprocess.run([sys.executable, "-m", "venv", "--without-pip", self.venv], check=True)
            self.uv.parent.mkdir()
            self.uv.write_text(uv)
            self.uv.chmod(0o755)

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def uv(self) -> Path:
        return self.venv / "bootstrap" / f"uv-{bootstrap.UV}"

    @property
    def synced(self) -> int:
        """How often the packages were installed."""
        log = self.uv.with_name(f"{self.uv.name}.log")
        return len(log.read_text().splitlines()) if log.exists() else 0

    def start(
        self, *arguments: str, python: Path | str = sys.executable, **environment: str
    ) -> subprocess.Popen[str]:
        command = [str(python), "-m", "hub", *arguments]
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("HUB_", "PYTHON"))}
        return subprocess.Popen(
            command, cwd=self.root, env={**clean, **environment}, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *arguments: str, **options: str) -> tuple[int, str, str]:
        """Exit code, stdout and stderr."""
        process = self.start(*arguments, **options)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "checkout")


def test_installs_from_the_lock_file_and_becomes_the_command(checkout: Checkout) -> None:
    code, out, err = checkout.run("token", "--as", "wang")
    assert (code, out) == (0, f"{checkout.venv} token --as wang False\n")
    assert err == "hub: installing the packages of uv.lock\nhub: ready\n"
    told = checkout.uv.with_name(f"{checkout.uv.name}.log").read_text()
    assert told == (
        f"never {checkout.venv} sync --frozen --project {checkout.root} --python {checkout.venv}/bin/python\n"
    )


def test_a_second_start_installs_nothing_and_says_nothing(checkout: Checkout) -> None:
    checkout.run()
    assert checkout.run("up") == (0, f"{checkout.venv} up False\n", "")
    assert checkout.synced == 1


@pytest.mark.parametrize("name", ["uv.lock", "pyproject.toml"])
def test_a_changed_file_installs_again(checkout: Checkout, name: str) -> None:
    checkout.run()
    (checkout.root / name).write_text("two")
    checkout.run()
    checkout.run()
    assert checkout.synced == 2


def test_inside_the_venv_it_goes_straight_on(checkout: Checkout) -> None:
    checkout.run()
    inner = checkout.venv / "bin" / "python"
    assert checkout.run("up", python=str(inner)) == (0, f"{checkout.venv} up False\n", "")
    (checkout.root / "uv.lock").write_text("two")
    checkout.run("up", python=str(inner))
    assert checkout.synced == 2


def test_two_starts_at_once_install_once(checkout: Checkout) -> None:
    processes = [checkout.start(name) for name in ("one", "two")]
    said = [process.communicate(timeout=60) for process in processes]
    assert [out for out, _ in said] == [f"{checkout.venv} {name} False\n" for name in ("one", "two")]
    assert "another start is preparing .venv; waiting for it" in "".join(err for _, err in said)
    assert checkout.synced == 1


def test_a_failed_installation_is_told_and_tried_again(checkout: Checkout) -> None:
    fails = checkout.uv.with_name(f"{checkout.uv.name}.fails")
    fails.write_text("error: Failed to fetch\n  cause: dns error\n")
    code, out, err = checkout.run("up")
    assert (code, out) == (1, "")
    assert (
        "hub: the packages could not be installed. The package registry does not answer: check the network"
        in err
    )
    assert "    error: Failed to fetch" in err
    assert "Traceback" not in err
    fails.unlink()
    assert checkout.run("up")[0] == 0
    assert checkout.synced == 2


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("invalid peer certificate: UnknownIssuer, error sending request", "SSL_CERT_FILE"),
        ("No space left on device (os error 28)", "The disk is full."),
        (
            "failed to remove file: Permission denied (os error 13)",
            "No write permission: use a checkout that you own.",
        ),
        ("No matching distribution found for uv", "The package registry does not answer"),
        ("something else", "See the lines below."),
    ],
)
def test_the_way_out_fits_what_was_said(said: str, words: str) -> None:
    told = bootstrap.explain_failure("it failed", f"WARNING: noise\n{said}\n")
    assert told.startswith("it failed. ")
    assert words in told.splitlines()[0]
    assert told.endswith(f"\n    {said}")


def test_a_moved_checkout_is_built_anew(checkout: Checkout, tmp_path: Path) -> None:
    checkout.run()
    checkout.root.rename(tmp_path / "moved")
    moved = tmp_path / "moved"
    (moved / "hub" / "__main__.py").write_text(
        (moved / "hub" / "__main__.py")
        .read_text()
        .replace("def install_uv() -> Path:", "def install_uv():\n    raise Stopped('reached')\n\ndef old():")
    )
    checkout.root = moved
    code, _, err = checkout.run()
    assert (code, err.splitlines()[-2:]) == (
        1,
        ["hub: the existing .venv is of another folder or Python; making it anew", "hub: reached"],
    )
    assert not checkout.venv.exists()


def test_a_python_that_does_not_run_in_the_venv_is_no_endless_loop(checkout: Checkout) -> None:
    checkout.run()
    python = checkout.venv / "bin" / "python"
    python.unlink()
    python.symlink_to(sys.executable)
    (checkout.venv / "pyvenv.cfg").unlink()
    code, _, err = checkout.run()
    assert code == 1
    assert (
        err
        == f"hub: {python} does not run as part of {checkout.venv}. Remove {checkout.venv} and start again.\n"
    )


def test_a_venv_that_another_user_made_is_told(checkout: Checkout) -> None:
    checkout.run()
    python = checkout.venv / "bin" / "python"
    python.unlink()
    python.touch(mode=0o644)
    code, _, err = checkout.run()
    assert code == 1
    assert err.startswith(f"hub: {python} cannot be run by this user (Permission denied).")


def run_as(checkout: Checkout, before: str) -> tuple[int, str]:
    """Run the module after some statements that change what Python says about itself."""
    program = (
        f"import runpy, sys; sys.path.insert(0, '.'); {before}; runpy.run_module('hub', run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=checkout.root, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr


def test_an_old_python_is_told(checkout: Checkout) -> None:
    code, err = run_as(checkout, "sys.version_info = (3, 9, 2)")
    assert code == 1
    assert err.startswith("hub: this is Python 3.9, but the hub needs Python 3.11 or newer.\n")


def test_an_old_python_can_read_the_file_at_all() -> None:
    """Otherwise it would answer with a SyntaxError instead of the words above."""
    ast.parse(Path(bootstrap.__file__).read_text(), feature_version=(3, 6))


def test_a_python_without_venv_is_told_with_the_package_to_install(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path / "checkout", uv="")
    without = tmp_path / "python"
    without.write_text(
        "#!/bin/sh\necho 'The virtual environment was not created: ensurepip is not available.'\nexit 1\n"
    )
    without.chmod(0o755)
    code, err = run_as(checkout, f"sys.executable = {str(without)!r}")
    assert code == 1
    assert "hub: this Python cannot make virtual environments" in err
    assert "apt-get install python3-venv" in err
    assert "Traceback" not in err


PIP = """#!/bin/sh
case "$*" in
*"-m venv --without-pip"*) exec {python} "$@" ;;
*"-m venv"*) mkdir -p "$4/bin"; cp "$0" "$4/bin/python"; exit 0 ;;
esac
echo "$0 $@" > {log}
cp "$(echo "$@" | sed 's/.*--requirement=//')" {log}.requirements
exit 1
"""


@pytest.mark.parametrize("with_pip", [True, False])
def test_uv_is_installed_by_pip_with_hashes_and_nothing_else(tmp_path: Path, with_pip: bool) -> None:
    """By the pip of the Python it was started with, else by one in a venv made for it."""
    checkout = Checkout(tmp_path / "checkout", uv="")
    python, log = tmp_path / "python", tmp_path / "pip"
    python.write_text(PIP.format(python=sys.executable, log=log))
    python.chmod(0o755)
    found = "sys" if with_pip else "None"  # what `import pip` would find
    code, err = run_as(checkout, f"sys.executable = {str(python)!r}; sys.modules['pip'] = {found}")
    assert code == 1
    assert f"hub: pip could not install uv {bootstrap.UV}." in err
    used = python if with_pip else checkout.venv / "bootstrap" / "pip" / "bin" / "python"
    assert log.read_text().startswith(f"{used} -m pip install --quiet")
    assert "--require-hashes --only-binary=:all: --no-deps" in log.read_text()
    requirement, *hashes = Path(f"{log}.requirements").read_text().split()
    assert requirement == f"uv=={bootstrap.UV}"
    assert hashes == [f"--hash=sha256:{digest}" for digest in bootstrap.UV_HASHES]


@pytest.mark.full
def test_a_fresh_checkout_becomes_a_hub_and_stays_clean(tmp_path: Path) -> None:
    """The real thing: pip, uv and every package from the registry, in a clone with nothing else in its folder."""
    source = bootstrap.ROOT
    files = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=source,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    for name in filter(None, files):
        if (source / name).is_file():
            (tmp_path / "clone" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source / name, tmp_path / "clone" / name)
    clone = tmp_path / "clone"
    git = ["git", "-c", "user.name=test", "-c", "user.email=test@example.org"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "all"]):
        subprocess.run([*git, *command], cwd=clone, check=True)
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("HUB_", "PYTHON", "VIRTUAL_"))
    }
    python = getattr(sys, "_base_executable", sys.executable)
    done = subprocess.run(
        [python, "-m", "hub", "--help"], cwd=clone, env=clean, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.splitlines()[-1]) == (0, "hub: ready")
    assert "Start everything" in done.stdout
    status = subprocess.run(
        ["git", "status", "--short"], cwd=clone, capture_output=True, text=True, check=True
    )
    assert status.stdout == ""
    again = subprocess.run(
        [clone / ".venv" / "bin" / "hub", "--help"], env=clean, capture_output=True, check=False
    )
    assert again.returncode == 0
