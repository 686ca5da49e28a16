"""One run: do what the plan says, listen, and judge."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
import re
import signal
import time
from typing import Any, Final, override

import aiohttp

from scripts.live_demo.errors import DemoError
from scripts.live_demo.processes import Processes

from .guests import PATHS, Guests
from .ledger import Ledger, Line, Published, Span
from .observer import Observer, Witness, published_by_line, recorded
from .plan import Act, make_plan
from .site import ChaosSite
from .verdict import Verdict, judge

COLLECTING: Final = 1.0
FIXING: Final = 2.0
# What is left is published within this time once everything works; of it a refused token
# alone takes 30 s.
SETTLING: Final = 240.0
PROBING: Final = 1.0
SHOWN: Final = 20
# Home Assistant may be gone at any time: then an act is not done, and that is noted.
GONE: Final = (aiohttp.ClientError, DemoError, TimeoutError, OSError)
PANELS: Final = {
    Line.QR_MENU: "qr-menu",
    Line.PBX: "pbx",
    Line.HOOK: "pbx",
    Line.GREEN_API: "green-api",
}
# Errors that nobody expects: the component has words of its own for all others.
UNEXPECTED: Final = re.compile(
    r"^.* (?:ERROR|WARNING|CRITICAL) .*(?:Unexpected error|could not be handled|listener of .* failed"
    r"|Error doing job|Task exception|never retrieved|Detected blocking).*$",
    re.MULTILINE,
)


@dataclass(slots=True)
class Result:
    """What a run came to."""

    seed: int
    seconds: float
    verdict: Verdict
    by_line: Mapping[Line, Verdict]
    acts: Counter[str]
    faults: int
    kills: int
    stops: int
    settled: bool
    settling: float
    by_socket: int
    by_recorder: int
    connections: int
    unexpected: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Return whether nothing is beyond the law, and all came to rest."""
        return self.verdict.is_clean and self.settled and not self.unexpected

    @override
    def __str__(self) -> str:
        verdict = self.verdict
        lines = [
            _sentence(
                f"seed {self.seed}: {self.seconds:.0f} s, {verdict.pushed} events,",
                f"{self.faults} faults, {self.kills} kills, {self.stops} stops,",
                f"{self.acts.total()} things done to the site",
            ),
            _sentence(
                f"  published {verdict.published}, of these {verdict.late} late and",
                f"{verdict.repeated_after_kill} again after a kill as the law allows;",
                f"{verdict.not_kept} were in nobody's keeping,",
                f"{verdict.swallowed} of them swallowed by hooks at a start",
            ),
            _sentence(
                f"  seen over the socket {self.by_socket},",
                f"in {self.connections} connections; by the recorder",
                f"{self.by_recorder}; settled in {self.settling:.0f} s",
            ),
        ]
        for line, one in self.by_line.items():
            lines.append(
                f"  {line:10} {one.pushed:6} events {one.published:6} published"
                f" {one.late:6} late {one.repeated_after_kill:4} again"
                f" {one.not_kept:5} not kept"
            )
        for name, found in verdict.findings.items():
            lines.append(f"  {name}: {len(found)}")
            lines += [f"    {one}" for one in found[:SHOWN]]
        lines += [f"  log: {line}" for line in self.unexpected[:SHOWN]]
        if not self.settled:
            lines.append("  it did not settle")
        return "\n".join(lines)


def _sentence(*parts: str) -> str:
    return " ".join(parts)


async def run(
    seed: int,
    seconds: float,
    folder: Path,
    *,
    largest: int,
    component: Path | None = None,
    say: Callable[[str], object],
) -> Result:
    """Let it happen, and judge it."""
    plan = make_plan(seed, seconds, largest=largest)
    say(f"seed {seed}: {len(plan)} acts within {seconds:g} s")
    processes = Processes(folder, lambda death: None)
    try:
        async with (
            # A limit would have one line's requests wait for another's.
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, force_close=True)
            ) as session,
            aiohttp.ClientSession() as control,
        ):
            site = ChaosSite(session, processes, folder, component)
            await site.set_up()
            chaos = _Chaos(seed, site, control, say)
            return await chaos.run(plan, seconds)
    finally:
        await processes.stop()


class _Chaos:
    def __init__(
        self,
        seed: int,
        site: ChaosSite,
        control: aiohttp.ClientSession,
        say: Callable[[str], object],
    ) -> None:
        self._seed = seed
        self._site = site
        self._control = control
        self._say = say
        self._began = 0.0
        self._guests = {line: Guests(seed, line) for line in Line}
        self._ledgers = {line: Ledger(line) for line in Line}
        self._witness = Witness(site.config)
        self._acts: Counter[str] = Counter()
        self._faults = 0
        self._hosts: dict[Line, int] = dict.fromkeys(Line, 0)

    async def run(self, plan: list[Act], seconds: float) -> Result:
        observer = Observer(self._control, self._site.assistant)
        self._began = time.monotonic()
        tracks: dict[str, list[Act]] = {}
        for act in plan:
            tracks.setdefault(act.track, []).append(act)
        async with _in_background(observer.run(), self._collect(), self._fix()):
            async with asyncio.TaskGroup() as group:
                for track, acts in tracks.items():
                    _ = group.create_task(self._follow(track, acts))
            ended = time.monotonic()
            settled = await self._settle()
            settling = time.monotonic() - ended
            self._site.history.finished = time.monotonic()
            await self._site.end_for_good()
            for line in Line:
                await self._read_record(line)
        return self._result(seconds, observer, settled=settled, settling=settling)

    # What happens

    async def _follow(self, track: str, acts: list[Act]) -> None:
        """Do what happens on one track, one after another."""
        for act in acts:
            await asyncio.sleep(self._began + act.at - time.monotonic())
            if act.track in Line:
                await self._push(Line(act.track), act)
            elif act.track == "site":
                await self._do(act)
            else:
                await self._trouble(Line(track.removesuffix(" faults")), act)

    async def _push(self, line: Line, act: Act) -> None:
        """Let guests do something."""
        for _ in range(act.details["count"]):
            await self._push_one(line)
            await asyncio.sleep(act.details["pause"])

    async def _push_one(self, line: Line) -> str:
        url = self._site.simulators[line]["control_url"] + PATHS[line]
        content = self._guests[line].next()
        async with self._control.post(url, json=content) as response:
            response.raise_for_status()
        return str(content.get("hash") or "")

    async def _trouble(self, line: Line, act: Act) -> None:
        """Let a service have a fault for a while, or do something at once."""
        self._report(act)
        self._faults += 1
        span = Span(time.monotonic())
        self._site.history.faults[line].append(span)
        if (faults := act.details.get("faults")) is not None:
            await self._set_faults(line, faults)
            if line is Line.PBX and not faults.get("half_open"):
                # A stream that is open already knows nothing of most faults.
                await self._site.control(line, "POST", "/pbx/streams/end")
            await asyncio.sleep(act.lasts)
            await self._set_faults(line, None)
        else:
            path, body = act.details["path"], act.details["body"]
            await self._site.control(line, "POST", f"/{PANELS[line]}{path}", body)
            if "stream_status" in body:
                await self._site.control(line, "POST", "/pbx/streams/end")
                await asyncio.sleep(act.lasts)
                await self._site.control(
                    line, "POST", "/pbx/settings", {"stream_status": 200}
                )
        span.ended = time.monotonic()

    async def _set_faults(self, line: Line, faults: Mapping[str, Any] | None) -> None:
        name = "pbx" if line is Line.HOOK else line.value
        await self._site.control(line, "POST", "/faults", {name: faults})

    async def _do(self, act: Act) -> None:
        """Do something to the site."""
        self._report(act)
        site = self._site
        try:
            match act.name:
                case "kill":
                    await site.away(signal.SIGKILL, act.lasts)
                case "stop":
                    await site.away(signal.SIGTERM, act.lasts)
                case "set clock":
                    site.set_clock(act.details["by"])
                case "full disk":
                    # What else happens meanwhile happens on a full disk.
                    span = site.fill_disk()
                    loop = asyncio.get_running_loop()
                    loop.call_later(act.lasts, site.free_disk, span)
                case _:
                    await self._work_at(Line(act.details["line"]), act.name)
        except GONE as error:
            self._say(f"  not done: {act.name}: {error!r}")
            return
        self._acts[act.name] += 1

    async def _work_at(self, line: Line, name: str) -> None:
        self._hosts[line] += 1
        if name == "reload":
            await self._site.reload(line)
        elif name == "options":
            await self._site.change_options(line, self._hosts[line])
        else:
            host = ("127.0.0.1", "localhost")[self._hosts[line] % 2]
            if not await self._site.reconfigure(line, host):
                self._say(f"  not done: {name}: the service does not agree")

    def _report(self, act: Act) -> None:
        late = time.monotonic() - self._began - act.at
        self._say(f"{act}" + (f"  {late:.1f} s late" if late > 1 else ""))

    # What is looked after meanwhile

    async def _collect(self) -> None:
        while True:
            for line in Line:
                await self._read_record(line)
            await asyncio.sleep(COLLECTING)

    async def _read_record(self, line: Line) -> None:
        ledger = self._ledgers[line]
        path = f"/record/{PANELS[line]}?after={ledger.last_note}"
        answer = await self._site.control(line, "GET", path)
        ledger.take(answer["notes"])

    async def _fix(self) -> None:
        while True:
            await asyncio.sleep(FIXING)
            if self._site.is_up:
                with suppress(*GONE):
                    self._acts["repair"] += await self._site.fix()

    async def _settle(self) -> bool:
        """Let everything work, and wait until all that is kept was published."""
        try:
            async with asyncio.timeout(SETTLING):
                # The disk may still be full, and Home Assistant has no news of that.
                while not await self._is_at_rest():  # noqa: ASYNC110
                    await asyncio.sleep(COLLECTING)
        except TimeoutError:
            return False
        return True

    async def _is_at_rest(self) -> bool:
        return all(span.ended < inf for span in self._site.history.full) and all(
            [await self._is_settled(line) for line in Line]
        )

    async def _is_settled(self, line: Line) -> bool:
        """Return whether a line has published a guest of now, and all before that is kept."""
        ledger = self._ledgers[line]
        before = max(ledger.items, default=0)
        await self._push_one(line)
        await asyncio.sleep(PROBING)
        await self._read_record(line)
        published = {one.key for one in self._was_published()[line]}
        new = [item for item in ledger.items.values() if item.number > before]
        kept = (
            []
            if line in (Line.PBX, Line.HOOK)
            else [item for item in ledger.items.values() if item.gone == inf]
        )
        return all(item.key in published for item in (*new, *kept))

    # The end

    def _was_published(self) -> dict[Line, list[Published]]:
        return published_by_line(self._witness.read(), self._site.entries)

    def _result(
        self, seconds: float, observer: Observer, *, settled: bool, settling: float
    ) -> Result:
        # By its context each firing is one, whoever saw it; the witness knows when.
        by_recorder = recorded(self._site.config)
        seen = {one.context: one for one in self._witness.read()}
        unknown = [
            one for one in (*observer.seen, *by_recorder) if one.context not in seen
        ]
        published = published_by_line([*seen.values(), *unknown], self._site.entries)
        history = self._site.history
        by_line = {
            line: judge(self._ledgers[line], history, published[line]) for line in Line
        }
        verdict = Verdict()
        for one in by_line.values():
            verdict.add(one)
        return Result(
            seed=self._seed,
            seconds=seconds,
            verdict=verdict,
            by_line=by_line,
            acts=self._acts,
            faults=self._faults,
            kills=sum(life.killed for life in history.sessions),
            stops=sum(not life.killed for life in history.sessions) - 1,
            settled=settled,
            settling=settling,
            by_socket=len({one.context for one in observer.seen}),
            by_recorder=len({one.context for one in by_recorder}),
            connections=observer.connections,
            unexpected=self._unexpected(),
        )

    def _unexpected(self) -> list[str]:
        """Return what the logs of all lives have that nobody should see."""
        return [
            line
            for path in sorted(self._site.config.parent.glob("home-assistant-*.log"))
            for line in UNEXPECTED.findall(path.read_text("utf-8", "replace"))
        ]


@asynccontextmanager
async def _in_background(*coroutines: Any) -> AsyncGenerator[None]:
    """Run something for as long as this lasts; its failure is ours."""
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    try:
        yield
        for task in tasks:
            if task.done():
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
