# Makes the Parquet files beside it with pyarrow (pip install pyarrow): rows that are made up, for
# tests of our reader against a writer that is not ours. Run it only to change them.
import pathlib
from datetime import datetime, timedelta, timezone

import pyarrow as pa
import pyarrow.parquet as pq

here = pathlib.Path(__file__).parent
start = datetime(2025, 3, 10, 9, 45, tzinfo=timezone.utc)
rows = 2000
services = ["mail", "chat", "maps", None]
columns = {
    "comment": pa.array(
        [services[i % 4] if i % 4 == 3 else f"comment {i % 7} é" for i in range(rows)]
    ).dictionary_encode(),
    "at": pa.array([start + timedelta(seconds=i) for i in range(rows)], pa.timestamp("us", "UTC")),
    "service": pa.array([services[i % 3] for i in range(rows)]).dictionary_encode(),
    "count": pa.array([None if i % 5 == 0 else i % 11 for i in range(rows)], pa.uint32()),
    "weight": pa.array([None if i % 3 == 0 else (i % 8) / 4 for i in range(rows)], pa.float32()),
    "held": pa.array([None if i % 4 == 1 else i % 2 == 0 for i in range(rows)]),
}
table = pa.table(columns)
pq.write_table(
    table, here / "snappy.parquet", compression="snappy", use_dictionary=True,
    row_group_size=1200, data_page_size=2048,
)
pq.write_table(
    table.slice(0, 60), here / "pages_v2.parquet", compression="zstd", data_page_version="2.0",
    use_dictionary=False, column_encoding={
        "comment": "DELTA_BYTE_ARRAY", "service": "DELTA_LENGTH_BYTE_ARRAY",
        "at": "DELTA_BINARY_PACKED", "count": "DELTA_BINARY_PACKED",
        "weight": "BYTE_STREAM_SPLIT", "held": "RLE",
    },
)
few = table.slice(0, 3)


def instead(name, column):
    return few.set_column(few.schema.get_field_index(name), name, column)


naive = pa.array([start.replace(tzinfo=None)] * 3, pa.timestamp("ms"))
pq.write_table(instead("at", naive), here / "no_zone.parquet")
pq.write_table(instead("comment", pa.array([["a"], [], None])), here / "nested.parquet")
pq.write_table(instead("count", pa.array(["1", "2", "3"])), here / "text_count.parquet")
pq.write_table(few, here / "gzip.parquet", compression="gzip")
odd = pa.array([1741599900000000, 1741599900000001, 1741599900001000], pa.timestamp("us", "UTC"))
bad = instead("at", odd)
bad = bad.set_column(5, "held", pa.array([True, None, False]))
bad = bad.set_column(4, "weight", pa.array([0.5, 0.5, float("nan")]))
pq.write_table(bad, here / "mistakes.parquet")
