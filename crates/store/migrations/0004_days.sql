-- The fourth form: each day of each series that is over stands in one row of one of three tables.
-- Which one says what is kept of it: minutes, hours, or only its sum; the coarser is worked out of
-- the finer when it is read. A row goes down from table to table as it grows old, and what was
-- removed once is not begun again: counts that come later still are added to the row there is.
--
-- The key is one integer, day * 2^40 + service_id * 2^20 + dimension_id (days since 1970, UTC), so
-- that a day that is folded is written at the end of its table, on full pages, and what is old
-- stands at the front. Reading a year of one series looks up 365 keys.

-- Minutes, as said in `sqlite/blob.rs`.
CREATE TABLE day_minutes (
  key INTEGER PRIMARY KEY,
  body BLOB NOT NULL
) STRICT;

-- Hours, as said there too.
CREATE TABLE day_hours (
  key INTEGER PRIMARY KEY,
  body BLOB NOT NULL
) STRICT;

-- Sums, for ever.
CREATE TABLE day_total (
  key INTEGER PRIMARY KEY,
  received INTEGER NOT NULL,
  counted INTEGER NOT NULL
) STRICT;

-- Which series have a row in any of the three, and of which days the first and the last is.
CREATE TABLE series (
  service_id INTEGER NOT NULL,
  dimension_id INTEGER NOT NULL,
  first_day INTEGER NOT NULL,
  last_day INTEGER NOT NULL,
  PRIMARY KEY (service_id, dimension_id)
) STRICT, WITHOUT ROWID;

-- `sqlite/moved.rs` now moves the rows of `day_blob`, `hour` and `day` over, in the same
-- transaction, and drops those three.
