"""The siege's own machinery: every attack takes place, and the last line says what came of it. How
long answers may take is a matter of the release build on an idle machine, and `scripts/besiege`."""

import os
import re
import subprocess
import sys

from service import ROOT, binary

sys.path.insert(0, str(ROOT / "scripts"))
from siege.attacks import ATTACKS  # noqa: E402  (stands in the folder added above)


def test_every_attack_takes_place_and_is_counted() -> None:
    ran = subprocess.run(
        [ROOT / "scripts/besiege", "--seconds", "2"], capture_output=True, text=True, timeout=120,
        env=os.environ | {"IMAGE_SERVICE_BINARY": str(binary())}, check=False)
    *kinds, _, last = ran.stdout.splitlines()
    counted = {line[:24].strip(): [int(number) for number in re.findall(r"=(\d+)", line)]
               for line in kinds}
    assert counted.keys() == ATTACKS.keys(), ran.stderr
    for name, (connections, attacks) in counted.items():
        assert connections > 0 and attacks > 0, name
    outcome = re.fullmatch(r"attacks=(\d+) connections=(\d+) p99_ms=([\d.]+) limit_ms=10", last)
    assert outcome, last
    assert int(outcome[1]) == sum(attacks for _, attacks in counted.values())
    assert ran.returncode == (0 if float(outcome[3]) < 10 else 1)


def test_what_is_no_time_is_refused() -> None:
    ran = subprocess.run([ROOT / "scripts/besiege", "--seconds", "0"], capture_output=True,
                         text=True, timeout=20, check=False)
    assert ran.returncode == 2 and "--seconds" in ran.stderr
