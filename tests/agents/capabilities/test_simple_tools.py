"""The tools that need nothing but their arguments: time, to-dos, storage, arithmetic, weather."""

import pytest

from agents.capabilities.desk import Desk, context, tool
from frontdesk.agents.capabilities.running import MASK, masked
from frontdesk.agents.capabilities.table import CAPABILITIES


class TestCurrentTime:
    async def test_without_arguments_it_is_utc_in_iso_form(self) -> None:
        assert await Desk("current_time").value("get_current_time") == {
            "datetime": "2026-03-14T09:26:53+00:00",
            "format": "iso8601",
            "timezone": "UTC",
        }

    async def test_a_time_zone_and_its_summer_time_are_honoured(self) -> None:
        desk = Desk("current_time")
        rome = await desk.value("get_current_time", timezone="Europe/Rome")
        assert rome["datetime"] == "2026-03-14T10:26:53+01:00"
        new_york = await desk.value("get_current_time", timezone="America/New_York", format="human")
        assert new_york["datetime"] == "Saturday, 14 March 2026, 05:26:53 EDT"

    async def test_the_unix_form_is_a_number_of_seconds(self) -> None:
        told = await Desk("current_time").value("get_current_time", format="unix", timezone="Asia/Tokyo")
        assert told == {"timestamp": 1773480413, "format": "unix", "timezone": "Asia/Tokyo"}

    @pytest.mark.parametrize("name", ["Mars/Olympus", "../etc/passwd", "Europe", "/etc/localtime", "a" * 5000])
    async def test_an_unknown_zone_is_a_tool_error(self, name: str) -> None:
        assert "IANA" in await Desk("current_time").error("get_current_time", timezone=name)

    @pytest.mark.parametrize("arguments", [{"format": "rfc2822"}, {"timezone": 3}])
    async def test_wrong_arguments_are_told_by_place(self, arguments: dict[str, object]) -> None:
        error = await Desk("current_time").error("get_current_time", **arguments)
        assert error.startswith("The arguments do not fit the tool: " + next(iter(arguments)))


def todo(status: str, content: str = "Check the sum") -> dict[str, str]:
    return {"content": content, "activeForm": "Checking the sum", "status": status}


class TestTodoList:
    async def test_the_list_is_counted_and_given_back(self) -> None:
        todos = [todo("completed"), todo("in_progress"), todo("pending"), todo("pending")]
        told = await Desk("stateless_todo_list").value("write_todos", todos=todos)
        assert told == {
            "success": True,
            "total_tasks": 4,
            "pending": 2,
            "in_progress": 1,
            "completed": 1,
            "todos": todos,
        }

    @pytest.mark.parametrize(
        ("statuses", "warns"),
        [
            (("pending",), True),
            (("in_progress", "in_progress"), True),
            (("completed", "in_progress"), False),
            (("completed", "completed"), False),
            ((), False),
        ],
    )
    async def test_anything_but_one_task_in_progress_is_a_warning(self, statuses: tuple[str, ...], warns: bool) -> None:
        told = await Desk("stateless_todo_list").value("write_todos", todos=[todo(each) for each in statuses])
        assert ("warning" in told) is warns

    @pytest.mark.parametrize("todos", ["x", [{}], [todo("done")], [todo("pending", "")], [todo("pending")] * 201])
    async def test_a_list_of_another_shape_is_refused(self, todos: object) -> None:
        assert "todos" in await Desk("stateless_todo_list").error("write_todos", todos=todos)


class TestSessionStorage:
    @pytest.mark.parametrize(("name", "named"), [("kv_store", "key"), ("secret_store", "name")])
    async def test_a_value_is_set_read_listed_and_deleted(self, name: str, named: str) -> None:
        desk = Desk("session_storage")
        assert (await desk.value(name, operation="get", **{named: "city"}))["found"] is False
        assert (await desk.value(name, operation="set", value="Turin", **{named: "city"}))["success"] is True
        assert (await desk.value(name, operation="set", value="Milan", **{named: "city"}))["success"] is True
        assert (await desk.value(name, operation="get", **{named: "city"}))["value"] == "Milan"
        assert (await desk.value(name, operation="list"))[f"{named}s"] == ["city"]
        assert (await desk.value(name, operation="delete", **{named: "city"}))["deleted"] is True
        assert (await desk.value(name, operation="delete", **{named: "city"}))["deleted"] is False
        assert (await desk.value(name, operation="list"))[f"{named}s"] == []

    async def test_values_and_secrets_are_apart(self) -> None:
        desk = Desk("session_storage")
        await desk.value("kv_store", operation="set", key="a", value="1")
        assert (await desk.value("secret_store", operation="list"))["names"] == []

    async def test_the_value_of_a_secret_is_for_the_model_and_shown_to_nobody_else(self) -> None:
        desk = Desk("session_storage")
        setting = {"operation": "set", "name": "key", "value": "hunter2"}
        outcome = await desk.outcome("secret_store", **setting)
        assert "hunter2" not in str(outcome)
        assert masked(tool("session_storage", "secret_store"), setting) == {**setting, "value": MASK}
        read = await desk.outcome("secret_store", operation="get", name="key")
        assert read.value["value"] == "hunter2"
        assert read.shown == {**read.value, "value": MASK}

    async def test_without_a_key_of_the_server_there_are_no_secrets(self) -> None:
        desk = Desk("session_storage", context(has_key=False))
        assert "no key" in await desk.error("secret_store", operation="list")
        assert (await desk.value("kv_store", operation="list"))["keys"] == []

    @pytest.mark.parametrize(
        "arguments",
        [
            {"operation": "get"},
            {"operation": "set", "key": "a"},
            {"operation": "drop", "key": "a"},
            {"operation": "set", "key": "a", "value": {"b": 1}},
            {"operation": "set", "key": "a" * 257, "value": "b"},
            {"operation": "set", "key": "a", "value": "b" * 65_537},
            {},
        ],
    )
    async def test_a_call_that_says_too_little_or_too_much_is_refused(self, arguments: dict[str, object]) -> None:
        assert await Desk("session_storage").error("kv_store", **arguments)


class TestMath:
    @pytest.mark.parametrize(("name", "result"), [("add", 10), ("subtract", 4), ("multiply", 21), ("divide", 7 / 3)])
    async def test_each_operation_gives_its_result(self, name: str, result: float) -> None:
        assert await Desk("test_math").value(name, a=7, b=3) == {"result": result, "operation": name, "a": 7, "b": 3}

    async def test_dividing_by_zero_is_a_tool_error(self) -> None:
        assert "zero" in await Desk("test_math").error("divide", a=1, b=0)
        assert "zero" in await Desk("test_math").error("divide", a=1, b=0.0)

    @pytest.mark.parametrize(("a", "b"), [(1e308, 1e308), (10**400, 1), (1e200, 1e200)])
    async def test_numbers_beyond_measure_are_a_tool_error(self, a: float, b: float) -> None:
        assert "large" in await Desk("test_math").error("multiply", a=a, b=b)

    @pytest.mark.parametrize("arguments", [{"a": 1}, {"a": "1", "b": 2}, {"a": None, "b": 1}])
    async def test_what_is_no_number_is_refused(self, arguments: dict[str, object]) -> None:
        assert "do not fit" in await Desk("test_math").error("add", **arguments)


class TestWeather:
    async def test_the_same_place_has_the_same_weather(self) -> None:
        desk = Desk("test_weather")
        turin = await desk.value("get_weather", location="Turin")
        assert turin == await desk.value("get_weather", location="Turin")
        assert {**turin, "location": "x"} == {**await desk.value("get_weather", location=" TURIN"), "location": "x"}
        assert set(turin) == {"location", "temperature", "units", "conditions", "humidity", "wind_speed"}
        assert len({str(await desk.value("get_weather", location=f"place {n}")) for n in range(20)}) == 20

    async def test_fahrenheit_is_the_same_warmth(self) -> None:
        desk = Desk("test_weather")
        celsius = (await desk.value("get_weather", location="Turin"))["temperature"]
        assert (await desk.value("get_weather", location="Turin", units="fahrenheit"))["temperature"] == round(
            celsius * 9 / 5 + 32
        )

    async def test_a_forecast_has_three_days_or_as_many_as_asked_for(self) -> None:
        desk = Desk("test_weather")
        told = await desk.value("get_forecast", location="Turin")
        assert [day["date"] for day in told["days"]] == ["2026-03-14", "2026-03-15", "2026-03-16"]
        assert len((await desk.value("get_forecast", location="Turin", days=7))["days"]) == 7

    @pytest.mark.parametrize("days", [0, 8, 1.5, "3"])
    async def test_more_than_a_week_is_refused(self, days: object) -> None:
        assert "days" in await Desk("test_weather").error("get_forecast", location="Turin", days=days)


def test_nothing_adds_no_tool() -> None:
    assert CAPABILITIES["noop"].tools({}) == ()
