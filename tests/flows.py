"""What tests of flows share: a record of what was shown, its words, and the log."""

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from functools import reduce
import json
import logging
from operator import getitem
from pathlib import Path
from string import Formatter
from typing import Any, cast
from unittest.mock import patch

from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntriesFlowManager,
    ConfigFlowResult,
    ConfigSubentryFlowManager,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowManager, FlowResultType
import pytest

from custom_components.carbis_alerts.api.transport import Limits
from custom_components.carbis_alerts.const import DOMAIN
from simulator.faults import Faults

type Result = Any

FLOW = "custom_components.carbis_alerts.connector"
TRANSLATIONS = Path("custom_components/carbis_alerts/translations")
WORDS: Mapping[str, Any] = {
    path.stem: json.loads(path.read_bytes()) for path in TRANSLATIONS.glob("*.json")
}


@contextmanager
def every_word_known() -> Generator[None]:
    """Record what flows show, and look for the words of it in every language."""
    shown: list[tuple[tuple[str, ...], ConfigFlowResult]] = []
    handle = FlowManager._async_handle_step

    async def record(
        manager: FlowManager[Any, Any], *args: Any, **kwargs: Any
    ) -> ConfigFlowResult:
        result: ConfigFlowResult = await handle(manager, *args, **kwargs)
        shown.append((_section(manager, result), result))
        return result

    with patch.object(FlowManager, "_async_handle_step", record):
        yield
    assert shown
    assert [
        f"{language}: {text}"
        for language, words in WORDS.items()
        for section, result in shown
        for text in _missing(reduce(getitem, section, words), result)
    ] == []


def _section(manager: object, result: ConfigFlowResult) -> tuple[str, ...]:
    """Return where the words of a flow stand."""
    if isinstance(manager, ConfigEntriesFlowManager):
        return ("config",)
    if isinstance(manager, ConfigSubentryFlowManager):
        return ("config_subentries", cast(Any, result)["handler"][1])
    return ("options",)


def _missing(words: Mapping[str, Any], result: ConfigFlowResult) -> Iterable[str]:
    """Yield what has no words, and placeholders that nothing fills."""
    if result["type"] is FlowResultType.ABORT:
        assert result.get("translation_domain") is None, "the words are not our own"
        yield from _lacking(words.get("abort", {}), [result["reason"]], "abort")
    if result["type"] is FlowResultType.SHOW_PROGRESS:
        action, progress = result["progress_action"], words.get("progress", {})
        yield from _lacking(progress, [action], "progress")
        yield from _unfilled(progress.get(action, ""), result, action)
        return
    if result["type"] not in (FlowResultType.FORM, FlowResultType.MENU):
        return
    name = result["step_id"]
    step = words["step"].get(name, {})
    yield from _lacking(step, ["title"], name)
    yield from _unfilled(step.get("description", ""), result, name)
    if result["type"] is FlowResultType.MENU:
        options = [str(option) for option in cast(list[str], result["menu_options"])]
        yield from _lacking(step.get("menu_options", {}), options, name)
        return
    schema = result["data_schema"]
    assert schema is not None
    fields = [str(key) for key in schema.schema]
    yield from _lacking(step.get("data", {}), fields, f"{name} data")
    yield from _lacking(step.get("data_description", {}), fields, f"{name} help")
    errors = result.get("errors") or {}
    yield from _lacking(words.get("error", {}), errors.values(), "error")
    yield from _lacking(dict.fromkeys(("base", *fields)), errors, f"{name} field")


def _unfilled(text: str, result: ConfigFlowResult, where: str) -> Iterable[str]:
    used = {field for _, field, _, _ in Formatter().parse(text)}
    filled = result.get("description_placeholders") or {}
    yield from _lacking(filled, used - {None}, f"{where} placeholder")


def _lacking(known: Mapping[str, Any], keys: Iterable[Any], where: str) -> list[str]:
    return [f"{where}: {key}" for key in keys if key not in known]


@contextmanager
def secrets_kept(caplog: pytest.LogCaptureFixture, *secrets: str) -> Generator[None]:
    """Look through the whole log of a test, tracebacks too, for secrets."""
    caplog.set_level(logging.DEBUG)
    yield
    formatter = logging.Formatter()
    log = "\n".join(formatter.format(record) for record in caplog.get_records("call"))
    assert [secret for secret in secrets if secret in log] == []


def suggested(result: ConfigFlowResult) -> dict[str, Any]:
    """Return what a form is filled with when it opens."""
    schema = result["data_schema"]
    assert schema is not None
    return {
        str(key): key.description["suggested_value"]
        for key in schema.schema
        if key.description and "suggested_value" in key.description
    }


@contextmanager
def short_limits(faults: Faults) -> Generator[None]:
    """Give a server that hangs little time; one that answers may take its time."""
    if faults.half_open or faults.drip is not None:
        with patch(f"{FLOW}.LIMITS", Limits(connect=0.1, total=0.1)):
            yield
    else:
        yield


async def begin(hass: HomeAssistant, service: str) -> Result:
    """Open the form of a service."""
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    return await hass.config_entries.flow.async_configure(
        result["flow_id"], {"next_step_id": service}
    )


async def fix(hass: HomeAssistant, entry: Any, source: str) -> Result:
    """Open the form of an entry that is there."""
    return await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": source, "entry_id": entry.entry_id},
        data=entry.data if source == "reauth" else None,
    )
