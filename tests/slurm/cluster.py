"""A real SLURM of one node on this machine, for tests: brought up, broken, and taken down.

Debian's slurmctld, slurmd and munged on loopback, without systemd, control groups or accounting.
By hand, as root: ``python -m tests.slurm.cluster up FOLDER``, ``… down FOLDER``; ``… install`` only
installs, and ends with 1 and one line where that cannot be done.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

PACKAGES = ("slurmctld", "slurmd", "slurm-client", "munge")
PROGRAMS = ("slurmctld", "slurmd", "munged", "sbatch", "squeue")
DAEMONS = ("slurmd", "slurmctld", "munged")
#: Its name, by which its jobs are known.
NAME = "nftsim-tests"
#: The one place that all clients read: the plugin takes ``SLURM_CONF`` away within jobs. While it
#: is there and no controller answers, each start of a snakemake with the plugin waits 10 s.
CONF = Path("/etc/slurm/slurm.conf")
KEY = Path("/etc/munge/munge.key")
#: What nothing here may take longer than [s], and each of the steps of installing packages [s].
LIMIT, APT_LIMIT = 30.0, 120.0

CONFIGURATION = """\
# Written by {me}; {folder} is its own.
ClusterName={name}
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/log/slurmctld.log
SlurmdLogFile={folder}/log/slurmd.log
# on loopback, at ports of our own
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmctldPort=16817
SlurmdPort=16818
# linuxproc forgets what a script of a job has started once that script is gone
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,batch_sched_delay=0,bf_interval=1
MpiDefault=none
AccountingStorageType=accounting_storage/none
# what has ended stays known so long; a job past its limit is killed soon
MinJobAge=300
OverTimeLimit=0
KillWait=5
ReturnToService=2
# more processors than there are may be claimed
SlurmdParameters=config_overrides
SlurmdTimeout=60
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory} State=UNKNOWN
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


class NoSlurm(Exception):
    """SLURM cannot be had on this machine; the message says why."""


class SlurmFault(Exception):
    """SLURM is there and does not do what it should."""


def install() -> None:
    """Install what is missing of Debian's packages.

    Raises
    ------
    NoSlurm
        If that cannot be done here.
    """
    if os.geteuid() != 0:
        raise NoSlurm("starting SLURM takes root")
    if all(map(shutil.which, PROGRAMS)):
        return
    if shutil.which("apt-get") is None:
        raise NoSlurm("SLURM is not installed, and there is no apt-get to install it with")
    options = ["-q", "-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20"]
    for verb in (["update"], ["install", "--yes", "--no-install-recommends", *PACKAGES]):
        try:
            done = subprocess.run(
                ["apt-get", *options, *verb],
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                capture_output=True,
                text=True,
                timeout=APT_LIMIT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise NoSlurm(f"apt-get {verb[0]} took more than {APT_LIMIT:g} s") from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["?"])[-1]
        raise NoSlurm(f"{', '.join(PACKAGES)} cannot be installed: {last}")


class Cluster:
    """The daemons, and what a test does to them.

    Parameters
    ----------
    folder
        An empty folder for state and logs.
    cpus
        How many processors the node says it has, more than there are if need be.
    """

    def __init__(self, folder: Path, cpus: int = 2) -> None:
        self.folder, self.cpus, self.host = folder, cpus, socket.gethostname().split(".")[0]

    def up(self) -> Cluster:
        """Start everything, and wait until a job can run.

        Raises
        ------
        NoSlurm
            If it cannot be installed, or there is one that is not ours.
        SlurmFault
            If it does not come up in time.
        """
        install()
        if CONF.exists() and str(self.folder) not in CONF.read_text():
            raise NoSlurm(f"{CONF} is there already: of another SLURM, which is left alone")
        for part in ("state", "spool", "log", "munge"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)
        self._munge()
        CONF.parent.mkdir(exist_ok=True)
        memory = psutil.virtual_memory().total // 2**20 * 9 // 10
        CONF.write_text(
            CONFIGURATION.format(
                me=Path(__file__).name, name=NAME, folder=self.folder, host=self.host,
                cpus=self.cpus, memory=memory,
            )
        )  # fmt: skip
        self.start("slurmctld")
        self.start("slurmd")
        self._wait("no node is ready", lambda: ask("sinfo", "-h", "-o", "%t").strip() in READY)
        return self

    def down(self) -> None:
        """End the daemons and whatever their jobs left, and take the configuration away."""
        try:
            ask("scancel", "--user", "root")
            self._wait("jobs do not end", lambda: not ask("squeue", "-h").strip())
        except SlurmFault:
            pass  # no controller answers; what is left is killed below
        finally:
            for name in DAEMONS:
                self._end(name, signal.SIGTERM)
            for process in psutil.process_iter(["name", "cmdline", "environ"]):
                ours = any(str(self.folder) in word for word in process.info["cmdline"] or ())
                job = (process.info["environ"] or {}).get("SLURM_CLUSTER_NAME") == NAME
                if job or (ours and process.info["name"] in DAEMONS):
                    process.kill()
            if CONF.exists() and str(self.folder) in CONF.read_text():
                CONF.unlink()

    def start(self, name: str) -> None:
        """Start a daemon, as at boot or after it was killed."""
        node = ["-N", self.host] if name == "slurmd" else []
        ask(name, "-f", str(CONF), *node, strict=True)

    def kill(self, name: str) -> None:
        """Kill a daemon at once, as a crash does."""
        self._end(name, signal.SIGKILL)

    def _munge(self) -> None:
        """Start the daemon that signs messages, unless one runs."""
        if not KEY.exists():
            KEY.write_bytes(os.urandom(128))
        Path("/run/munge").mkdir(exist_ok=True)
        for path in (KEY, Path("/run/munge"), self.folder / "munge"):
            shutil.chown(path, "munge", "munge")
        KEY.chmod(0o400)
        if subprocess.run(["munge", "-n"], capture_output=True, check=False).returncode == 0:
            return
        files = [
            f"--{kind}-file={self.folder}/munge/munged.{kind}" for kind in ("log", "pid", "seed")
        ]
        ask("runuser", "-u", "munge", "--", "munged", *files, strict=True)

    def _pid(self, name: str) -> int | None:
        file = self.folder / ("munge" if name == "munged" else ".") / f"{name}.pid"
        try:
            return int(file.read_text())
        except (OSError, ValueError):
            return None

    def _end(self, name: str, how: signal.Signals) -> None:
        pid = self._pid(name)
        if pid is None or not psutil.pid_exists(pid) or psutil.Process(pid).name() != name:
            return
        process = psutil.Process(pid)
        process.send_signal(how)
        try:
            process.wait(LIMIT)
        except psutil.TimeoutExpired:
            process.kill()

    def _wait(self, what: str, ready: Callable[[], bool]) -> None:
        end = time.monotonic() + LIMIT
        while not ready():
            if time.monotonic() > end:
                logs = " ".join(p.read_text()[-2000:] for p in (self.folder / "log").glob("*.log"))
                raise SlurmFault(f"{what} after {LIMIT:g} s: {logs}")
            time.sleep(0.2)


#: States of a node that can take jobs.
READY = ("idle", "mix", "alloc")


def ask(*command: str, strict: bool = False) -> str:
    """Return what a command of SLURM prints; nothing if it fails, unless that is an error."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired:
        raise SlurmFault(f"`{' '.join(command)}` took more than {LIMIT:g} s") from None
    if strict and done.returncode:
        raise SlurmFault(f"`{' '.join(command)}`: {done.stderr.strip()}")
    return done.stdout


if __name__ == "__main__":
    try:
        if sys.argv[1:] == ["install"]:
            install()
        else:
            verb, place = sys.argv[1:]
            cluster = Cluster(Path(place).resolve())
            {"up": cluster.up, "down": cluster.down}[verb]()
    except (NoSlurm, SlurmFault) as reason:
        sys.exit(str(reason))
