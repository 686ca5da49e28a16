"""What happens when: the same for the same seed, with everything in it."""

from datetime import timedelta
import errno
import json
import os
from pathlib import Path
import time

from homeassistant.util import dt as dt_util
import pytest

from .guests import Guests
from .ledger import Line, key_of_content
from .machine import Machine
from .plan import DOINGS, FAULTS, SITE, make_plan


def test_a_seed_gives_one_plan_and_another_seed_another() -> None:
    assert make_plan(1, 300) == make_plan(1, 300)
    assert make_plan(1, 300) != make_plan(2, 300)


@pytest.mark.parametrize("seed", range(5))
def test_a_plan_has_every_doing_and_a_burst_of_the_largest_on_every_line(
    seed: int,
) -> None:
    plan = make_plan(seed, 600, largest=1000)
    assert {act.name for act in plan if act.track == "site"} == set(SITE)
    for line in Line:
        counts = [act.details["count"] for act in plan if act.track == line]
        assert max(counts) == 1000
        assert 1 in counts


def test_every_fault_happens_to_every_service_in_time() -> None:
    plan = make_plan(3, 20_000)
    for line in Line:
        names = {act.name for act in plan if act.track == f"{line} faults"}
        assert names == {*FAULTS, *(name for name, _, _ in DOINGS[line])}


@pytest.mark.parametrize("line", Line)
def test_guests_are_the_same_for_a_seed_and_all_they_do_has_a_key_of_its_own(
    line: Line,
) -> None:
    first, again = Guests(1, line), Guests(1, line)
    published = [first.next() for _ in range(2000)]
    assert published == [again.next() for _ in range(2000)]
    assert len({key_of_content(line, one) for one in published}) == len(published)


def test_a_machine_has_another_time_and_no_room(tmp_path: Path) -> None:
    state = tmp_path / "machine.json"
    storage = tmp_path / ".storage"
    storage.mkdir()

    def write(offset: float, *, full: bool) -> None:
        state.write_text(json.dumps({"offset": offset, "full": full}))

    write(3600, full=True)
    machine = Machine(state)
    assert machine.time() - time.time() == pytest.approx(3600, abs=60)
    assert (machine.utcnow() - dt_util.utcnow()).total_seconds() == pytest.approx(
        3600, abs=60
    )
    assert abs(machine.now() - machine.utcnow()) < timedelta(minutes=1)
    with pytest.raises(OSError, match="No space") as raised:
        machine.open(storage / "new", os.O_CREAT | os.O_WRONLY)
    assert raised.value.errno == errno.ENOSPC
    os.close(machine.open(tmp_path / "elsewhere", os.O_CREAT | os.O_WRONLY))
    write(0, full=False)
    machine.read()
    os.close(machine.open(storage / "new", os.O_CREAT | os.O_WRONLY))
    assert machine.time() - time.time() == pytest.approx(0, abs=60)
