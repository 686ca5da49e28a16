"""A guest who calls while Home Assistant is away still sets off the automation."""

import signal

import pytest

from tests.real_site import RealSite

HELPER = "input_boolean.late_call"


@pytest.mark.slow
async def test_a_call_during_a_restart_reaches_a_real_automation_late(
    real_site: RealSite,
) -> None:
    # The orderly stop comes first: it writes down the log-in that the next needs.
    for number in (signal.SIGTERM, signal.SIGKILL):
        await real_site.wait_for(HELPER, "off")
        await real_site.end(number)
        event_id = await real_site.call_waiter("6")
        await real_site.start()

        await real_site.wait_for(HELPER, "on")
        await real_site.wait_until_written(event_id)

        async with await real_site.stream() as stream:
            (trace,) = await stream.command(
                "trace/list", domain="automation", item_id="late_call"
            )
            published = await stream.command(
                "trace/get",
                domain="automation",
                item_id="late_call",
                run_id=trace["run_id"],
            )
            event = published["trace"]["trigger/0"][0]["changed_variables"]["trigger"][
                "event"
            ]
            assert event["data"]["event_id"] == event_id
            assert event["data"]["late"] is True
            await stream.command(
                "call_service",
                domain="input_boolean",
                service="turn_off",
                service_data={"entity_id": HELPER},
            )
