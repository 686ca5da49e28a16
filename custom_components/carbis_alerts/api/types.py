"""Types that all of the clients share."""

# What orjson.loads returns.
type Json = bool | int | float | str | list[Json] | dict[str, Json] | None
