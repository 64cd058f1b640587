"""Start the hub on a machine that has nothing but Python: `python3 -m hub <command>`.

Standard library only. Makes `.venv` from `uv.lock` when it is missing or out of date, telling on stderr what
it does, then runs the command line (`hub.cli`) inside it. `uv` itself lives in `.venv/bootstrap`, installed
by pip at one pinned version and checked against the hashes below, so that nothing unpinned ever runs. When
all is in place the whole detour is one hash of the lock file and one exec (about 0.05 s).

The stamp `.venv/.hub-stamp` holds the folder of the checkout and the hash of what was installed: another hash
means syncing again, another folder (a moved or copied checkout) means building anew, since a venv holds
absolute paths.
"""

import contextlib
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

# Told before anything newer than Python 3.6 is needed: an old Python must be able to read this far.
if sys.version_info < (3, 11):  # noqa: UP036 - this is the one file that an older Python runs
    sys.exit(
        "hub: this is Python {}.{}, but the hub needs Python 3.11 or newer.\n"
        "Install one and name it, for example: python3.12 -m hub up".format(*sys.version_info[:2])
    )
if os.name != "posix":
    sys.exit("hub: the hub runs on Linux and macOS. On Windows, use the Windows Subsystem for Linux.")

import fcntl

UV = "0.13.9"
UV_HASHES = (
    "2c45530751517d6c3bbc69a19473f6effe47cce047bede01ffd8af7ea7b36b25",  # musllinux x86_64
    "d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19",  # manylinux x86_64
    "ecb6028d79dc96fbeafffe5c8af62a7099487ebc05a701e76714eebcffd06375",  # manylinux_2_28 aarch64
    "5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe",  # manylinux, musllinux aarch64
    "7ec1e1dd9b6cb335c301afdf877989df384227313981850755a59561f75e4ab8",  # manylinux, musllinux armv7l
    "16963d19594e18d746a70c7fce82237bde4f2cac4cfcf0ca2b84796fe9d0c6e9",  # manylinux armv7l
    "66c512266d633bef48384a1f53003f41f2a8e7b36fe6e7fbfd3e0fd52d96fa63",  # macOS arm64
    "c16ed11e013557536b3e60065f1b912f6407bd6518e041b961e23ef9e6b4fbf5",  # macOS x86_64
)

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
BOOTSTRAP = VENV / "bootstrap"
STAMP = VENV / ".hub-stamp"
SYSTEM_AUTHORITIES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
)
GUARD = "HUB_BOOTSTRAPPED"  # set for the process we exec into; seeing it outside `.venv` means a loop

# What pip or uv says when it fails, and what to do about it; the first that fits.
WAYS_OUT = (
    (("no space left",), "The disk is full."),
    (("permission denied",), "No write permission: use a checkout that you own."),
    (
        ("certificate",),
        "Its certificate is not trusted here: name your organization's authority in SSL_CERT_FILE.",
    ),
    (
        (
            "no matching distribution",
            "connection",
            "dns error",
            "timed out",
            "unreachable",
            "error sending request",
        ),
        "The package registry does not answer: check the network and any proxy (HTTPS_PROXY), "
        "then start again. What was already fetched is kept.",
    ),
)


class Stopped(Exception):
    """The start cannot go on; the message says why and what to do, in words for a person."""


def main() -> None:
    """Make `.venv` right if it is not, then become the command line inside it."""
    wanted = stamp()
    inside = Path(sys.prefix).resolve() == VENV.resolve()
    guarded = os.environ.pop(GUARD, None)
    try:
        if not inside or (guarded is None and not is_fresh(wanted)):
            if guarded:
                raise Stopped(f"{PYTHON} does not run as part of {VENV}. Remove {VENV} and start again.")
            if not is_fresh(wanted):
                prepare(wanted)
            become_inner()
    except Stopped as stopped:
        sys.exit(f"hub: {stopped}")
    except KeyboardInterrupt:
        sys.exit(130)
    run_command_line()


def stamp() -> str:
    """What `.venv` must have been made from: this folder; hash of lock file, project file and uv version."""
    digest = hashlib.sha256(UV.encode())
    for name in ("uv.lock", "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return f"{ROOT}\n{digest.hexdigest()}\n"


def is_fresh(wanted: str) -> bool:
    """Whether `.venv` was completed from exactly this checkout and its Python is still there."""
    try:
        return STAMP.read_text() == wanted and PYTHON.exists()
    except OSError:
        return False


def prepare(wanted: str) -> None:
    """Build or refresh `.venv`. One process at a time: a second one waits here and then finds it done."""
    if not os.access(ROOT, os.W_OK) and not VENV.exists():
        raise Stopped(
            f"no write permission in {ROOT}, so {VENV} cannot be made. Use a checkout that you own."
        )
    try:
        with locked():
            if is_fresh(wanted):
                return
            discard_unusable()
            uv = install_uv()
            say("installing the packages of uv.lock")
            sync(uv, VENV)
            STAMP.write_text(wanted)
    except PermissionError as error:
        raise Stopped(
            f"no write permission for {error.filename or VENV}. Use a checkout that you own."
        ) from error
    say("ready")


@contextlib.contextmanager
def locked():
    """Hold the checkout's folder locked: the folder itself, so that no lock file is left behind."""
    handle = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another start is preparing .venv; waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def discard_unusable() -> None:
    """Remove a `.venv` that was moved here from another folder, or whose Python has gone since."""
    if not VENV.exists():
        return
    moved = STAMP.exists() and STAMP.read_text().split("\n")[0] != str(ROOT)
    if moved or not PYTHON.exists():
        say("the existing .venv is of another folder or Python; making it anew")
        if Path(sys.prefix).resolve() == VENV.resolve():
            raise Stopped(f"{VENV} is out of place and in use. Remove it and start with another Python.")
        shutil.rmtree(VENV)


def install_uv() -> Path:
    """The pinned uv, installed by pip into a folder of its own inside `.venv` unless it is there already."""
    uv = BOOTSTRAP / f"uv-{UV}"  # renamed from bin/uv at last: where it is, it is whole
    if uv.exists():
        return uv
    if not PYTHON.exists():
        say("making .venv (first start only)")
        make_venv(VENV, "--without-pip")
    say(f"fetching uv {UV}, which installs the rest")
    shutil.rmtree(BOOTSTRAP, ignore_errors=True)
    pip = pip_command()
    requirements = BOOTSTRAP / "requirements.txt"
    BOOTSTRAP.mkdir(exist_ok=True)
    requirements.write_text(f"uv=={UV} " + " ".join(f"--hash=sha256:{digest}" for digest in UV_HASHES) + "\n")
    pip += ["install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--only-binary=:all:"]
    pip += ["--no-deps", "--retries=2", f"--target={BOOTSTRAP}", f"--requirement={requirements}"]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Stopped(explain_failure(f"pip could not install uv {UV}", done.stderr))
    (BOOTSTRAP / "bin" / "uv").rename(uv)
    return uv


def pip_command() -> list[str]:
    """The pip of the Python we run under, else one that `ensurepip` puts into a throw-away venv."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    make_venv(BOOTSTRAP / "pip", "--clear")
    return [str(BOOTSTRAP / "pip" / "bin" / "python"), "-m", "pip"]


def make_venv(folder: Path, option: str) -> None:
    """A venv by the standard library; Debian and Ubuntu ship its parts in a package of their own."""
    done = subprocess.run(
        [sys.executable, "-m", "venv", option, str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return
    said = done.stdout + done.stderr
    if "ensurepip" in said or "No module named venv" in said:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        raise Stopped(
            f"this Python cannot make virtual environments (no `venv` or `ensurepip` module).\n"
            f"On Debian and Ubuntu: apt-get install python3-venv (or python{version}-venv), then start again."
        )
    if "Permission denied" in said:
        raise Stopped(f"no write permission in {folder.parent}. Use a checkout that you own.")
    raise Stopped(f"{folder} could not be made:\n{tail(said)}")


def sync(uv: Path, target: Path, *options: str) -> None:
    """Make the packages of a venv those of the lock file; never downloads a Python."""
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    environment |= {"UV_PYTHON_DOWNLOADS": "never", "UV_PROJECT_ENVIRONMENT": str(target)}
    if any(map(os.path.exists, SYSTEM_AUTHORITIES)):
        # Offices that inspect TLS put their authority into the system's store; uv brings a list of its own.
        environment.setdefault("UV_SYSTEM_CERTS", "true")
    # On a terminal uv draws its own progress bars; elsewhere its list of packages would only be noise.
    terminal = sys.stderr.isatty()
    done = subprocess.run(
        [str(uv), "sync", "--frozen", "--project", str(ROOT), "--python", str(PYTHON), *options],
        env=environment,
        stdout=sys.stderr,
        stderr=None if terminal else subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Stopped(explain_failure("the packages could not be installed", done.stderr or ""))


def explain_failure(what: str, said: str) -> str:
    """What went wrong in one sentence, the likely way out, and the last lines the tool said."""
    lowered = said.lower()
    way_out = "See the lines below." if said else "See above."
    for signs, hint in WAYS_OUT:
        if any(sign in lowered for sign in signs):
            way_out = hint
            break
    return f"{what}. {way_out}\n{tail(said)}".rstrip()


def tail(said: str) -> str:
    """The last lines of what a tool said, without its warnings, indented."""
    lines = [line for line in said.splitlines() if line.strip() and not line.startswith("WARNING")]
    return "\n".join(f"    {line}" for line in lines[-8:])


def become_inner() -> None:
    """Replace this process by the same command inside `.venv`."""
    environment = {**os.environ, GUARD: "1"}
    try:
        os.execve(PYTHON, [str(PYTHON), "-m", "hub", *sys.argv[1:]], environment)  # noqa: S606 - no shell is the point
    except OSError as error:
        raise Stopped(
            f"{PYTHON} cannot be run by this user ({error.strerror}). It was made by another user: "
            "use a checkout of your own."
        ) from error


def run_command_line() -> None:
    """Hand over to `hub.cli`, which exists only inside `.venv`."""
    from hub.cli import main as command_line  # the one import that must wait until we are inside

    command_line()


def say(what: str) -> None:
    """Progress goes to stderr: the stdout of `hub token` or `hub schema` is for what was asked."""
    print(f"hub: {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
