"""Types that all of the clients share."""

from typing import Literal

# What orjson.loads returns.
type Json = bool | int | float | str | list[Json] | dict[str, Json] | None
# Of a call, seen from the restaurant.
type Direction = Literal["incoming", "outgoing"]
