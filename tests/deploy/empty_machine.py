"""`python -m tests.deploy.empty_machine FOLDER`: runs docs/vps.md, command by command, on an empty Debian.

For Linux, as root, with `debootstrap`. FOLDER becomes the machine (a chroot on the network of this one), or is one that an
earlier run left. The portals are replicas on loopback. The guide's blocks of four blanks are run as they stand, in its
order: from packages to the first night, upgrade from an older commit and back, the move to another machine, uninstall.
Only `systemctl` and `journalctl` are left out: a chroot has no systemd (tests/deploy/test_files.py checks the units).
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import click

from opendata_spiders.register import load
from tests.commands import ROOT
from tests.replica import Replica, World
from tests.replica.__main__ import spec_of
from tests.replica.catchers import MailCatcher

GUIDE = Path("docs/vps.md")
PORTAL = "guiyang"
INSTALLED = Path("srv/nightwatch")
ORIGIN = "/origin.git"
PRELUDE = """
systemctl() { :; }
journalctl() { :; }
as_watch() { runuser -u nightwatch -- env -C /srv/nightwatch HOME=/srv/nightwatch "$@"; }
trap 'case $BASH_COMMAND in *pgrep*) ;; *) echo "FAILED ($?): $BASH_COMMAND" >&2 ;; esac' ERR
set -x -E
cd /srv/nightwatch 2>/dev/null || cd /
"""
PASSED_ON = ("PIP_INDEX_URL", "PIP_FIND_LINKS", "PIP_CERT", "SSL_CERT_FILE", "LANG")


def blocks() -> dict[str, list[str]]:
    """The commands of each section of the guide, block by block."""
    found: dict[str, list[str]] = {}
    for section in re.split(r"^## ", GUIDE.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        title, _, body = section.partition("\n")
        indented = re.findall(r"(?:^    .*\n|^\n(?=    ))+", body, re.MULTILINE)
        found[title] = [re.sub(r"^    ", "", block, flags=re.MULTILINE) for block in indented if block.strip()]
    return found


@dataclass(frozen=True)
class Machine:
    """A Debian in a folder."""

    root: Path

    def make(self, packages: str = "ca-certificates,procps") -> None:
        """Install the system, unless it is there."""
        if not (self.root / "etc/debian_version").exists():
            command = ["debootstrap", "--variant=minbase", f"--include={packages}", "bookworm", str(self.root)]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    @contextmanager
    def on(self) -> Iterator[None]:
        """Mount what a running system has, and the certificates and package folders that pip uses here."""
        with ExitStack() as stack:
            stack.enter_context(self._mounted("-t", "proc", "proc", to="proc"))
            stack.enter_context(self._mounted("--rbind", "/dev", to="dev"))
            local = [Path(one) for one in os.environ.get("PIP_FIND_LINKS", "").split() if Path(one).is_dir()]
            for folder in {Path("/etc/xdg/pip"), *(one.parent for one in local)}:
                if folder.is_dir():
                    stack.enter_context(self._mounted("--bind", str(folder), to=str(folder).lstrip("/")))
            for file in ("etc/resolv.conf", "etc/hosts", "etc/ssl/certs/ca-certificates.crt"):
                if Path("/", file).exists():
                    (self.root / file).write_bytes(Path("/", file).read_bytes())
            yield

    @contextmanager
    def _mounted(self, *what: str, to: str) -> Iterator[None]:
        place = self.root / to
        place.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", *what, str(place)], check=True)
        try:
            yield
        finally:
            subprocess.run(["umount", "-l", str(place)], check=True)

    def run(self, title: str, script: str, **env: str) -> str:
        """Run lines as root; return what they print. Ends the trial if one of them fails."""
        begun = monotonic()
        passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        done = subprocess.run(
            ["chroot", str(self.root), "/bin/bash", "-s"],
            env={
                "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
                "HOME": "/root",
                "DEBIAN_FRONTEND": "noninteractive",
                **passed,
                **env,
            },
            input=PRELUDE + script,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        failed = re.findall(r"^FAILED .*", done.stdout, re.MULTILINE)
        print(f"{'FAILED' if failed else 'ok':7}{monotonic() - begun:6.1f} s  {title}", flush=True)
        if failed:
            print(done.stdout)
            sys.exit(1)
        return done.stdout

    def left(self) -> list[str]:
        """What an uninstalled watch has left: files, the account, processes."""
        places = ("srv/nightwatch", "etc/cron.d/nightwatch", "etc/logrotate.d/nightwatch")
        found = [one for one in places if (self.root / one).exists()]
        found += [str(one) for one in (self.root / "etc/systemd/system").glob("nightwatch*")]
        for file in ("etc/passwd", "etc/group"):
            found += [file] if "nightwatch" in (self.root / file).read_text() else []
        # Backups below /root are their maker's, and the account owned what lies in them.
        command = [
            "find",
            "/",
            "-xdev",
            "-path",
            "/root",
            "-prune",
            "-o",
            "(",
            "-nouser",
            "-o",
            "-nogroup",
            ")",
            "-print",
        ]
        orphans = subprocess.run(["chroot", str(self.root), *command], capture_output=True, text=True, check=False)
        return found + orphans.stdout.split()


def origin(machine: Machine, commit: str) -> None:
    """Let the machine clone and pull this checkout as of a commit."""
    place = f"{machine.root}{ORIGIN}"
    if not Path(place).exists():
        subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", place], check=True)
    subprocess.run(["git", "push", "--quiet", "--force", place, f"{commit}:refs/heads/main"], check=True, cwd=ROOT)


def settings(machine: Machine, replica: Replica, mails: MailCatcher) -> None:
    """Fill in what the guide asks its reader to write: one replica in place of a portal, one reader on loopback."""
    register = machine.root / "replica"
    register.mkdir(exist_ok=True)
    packaged = (ROOT / "opendata_spiders/register/portals.csv").read_text("utf-8").splitlines()
    row = next(line for line in packaged if f",{PORTAL}," in line)
    moved = row.replace("https://data.guizhou.gov.cn", replica.url(PORTAL)).replace(
        ",data.guizhou.gov.cn,", f",{replica.url(PORTAL).partition('//')[2]},"
    )
    (register / "portals.csv").write_text(f"{packaged[0]}\n{moved}\n", "utf-8")
    home = machine.root / INSTALLED
    (home / ".env").write_text("REGISTER_DIR=/replica\nSITE_DIR=/srv/nightwatch/site\n", "utf-8")
    reader = f"subscribers:\n  - name: operators\n    role: operator\n    urls: ['{mails.url}']\n"
    (home / "subscribers.yaml").write_text(reader, "utf-8")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--older", default="HEAD~1", show_default=True, help="The commit that is installed first.")
def main(folder: Path, older: str) -> None:
    """Run the guide; end with 1 at the first command that fails or if anything is left."""
    if os.geteuid() != 0:
        raise click.UsageError("a chroot needs root")
    machine, guide = Machine(folder.absolute()), blocks()
    machine.make()
    register = load()
    world = World([spec_of(register.get(PORTAL), register, 200)], seed=7)
    with machine.on(), Replica(world) as replica, MailCatcher(folder / "mails") as mails:
        install = "\n".join(guide["1. Packages, account, code"]).replace("ADDRESS_OF_THIS_REPOSITORY", ORIGIN)
        install = f"git config --system safe.directory '*'\n{install}".replace(
            "git clone", "git clone --quiet --no-hardlinks"
        )
        if (machine.root / INSTALLED).exists():
            machine.run("uninstall what an earlier run left", "\n".join(guide["Uninstall"]))
        origin(machine, older)
        machine.run("1. packages, account, code", f"apt-get install -y git\n{install}")
        print(machine.run("the size of .venv", "du -sm .venv").splitlines()[-1])
        make, check = guide["2. Settings"]
        machine.run("2. settings", make)
        settings(machine, replica, mails)
        machine.run("   the check, and a test message", check)
        said = machine.run("3. the first night", "\n".join(guide["3. The first night by hand"]))
        assert PORTAL in said
        assert "complete" in said
        units, _, cron = guide["4. Every night"]
        every_night = f"mkdir -p /etc/logrotate.d /etc/cron.d\n{units}{cron}"
        if older_has_units := (machine.root / INSTALLED / "deploy").exists():
            machine.run("4. every night", every_night)
        machine.run("backup", "\n".join(guide["Backup"]))
        origin(machine, "HEAD")
        machine.run("upgrade", "\n".join(guide["Upgrade"]))
        if not older_has_units:
            machine.run("4. every night", every_night)
        machine.run(
            "   a night as the unit runs it", "as_watch env -i PATH=/usr/bin:/bin ONLY=guiyang scripts/nightly.sh"
        )
        machine.run(
            "   back to the older one",
            "as_watch git -c advice.detachedHead=false checkout HEAD@{1}\nas_watch make setup\nas_watch .venv/bin/python -m alerts runs",
        )
        pack, unpack = guide["Moving to another machine"]
        machine.run("moving: packed", f"as_watch git checkout main\n{pack}")
        machine.run("uninstall", "\n".join(guide["Uninstall"]))
        assert not (left := machine.left()), left[:10]
        machine.run("moving: the other machine", install)
        said = machine.run("   unpacked", unpack)
        assert f"{PORTAL}-" in said or PORTAL in said
        machine.run("uninstall again", "\n".join(guide["Uninstall"]))
        assert not (left := machine.left()), left[:10]
        print(f"{len(mails.mails)} mails were delivered; nothing is left")


if __name__ == "__main__":
    main()
