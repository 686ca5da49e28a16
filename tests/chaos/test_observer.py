"""What the recorder has is read, and its database is left closed."""

from contextlib import closing
import gc
from pathlib import Path
import sqlite3
import warnings

from ulid_transform import ulid_to_bytes

from .observer import EVENT, Seen, recorded

TABLES = """
    CREATE TABLE event_types (event_type_id, event_type);
    CREATE TABLE event_data (data_id, shared_data);
    CREATE TABLE events (event_id, event_type_id, data_id, context_id_bin, time_fired_ts);
"""
CONTEXT = "01KAH4Z0000000000000000000"


def test_the_record_is_read_and_closed(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "home-assistant_v2.db")) as database:
        database.executescript(TABLES)
        database.execute("INSERT INTO event_types VALUES (1, ?)", (EVENT,))
        database.execute("INSERT INTO event_data VALUES (1, ?)", ('{"late": true}',))
        row = (1, 1, 1, ulid_to_bytes(CONTEXT), 7.5)
        database.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?)", row)
        database.commit()
    with warnings.catch_warnings(record=True) as published:
        warnings.simplefilter("always")
        assert recorded(tmp_path) == [Seen(CONTEXT, 7.5, {"late": True})]
        gc.collect()
    assert [str(one.message) for one in published] == []
