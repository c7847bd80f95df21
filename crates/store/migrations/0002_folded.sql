-- The second form: days that are over are folded, so that years of them stay small and quick.
--
-- Each count is in exactly one place: in `cell`, or folded into `day_blob`, `hour` and `day` at
-- once. Readers add both places up. Counts that come late for a folded day go to `cell` like any
-- other and are folded in the next round.

-- All minutes of one series in one UTC day: days since 1970, body as said in `sqlite/blob.rs`.
-- The days of one series lie side by side.
CREATE TABLE day_blob (
  service_id INTEGER NOT NULL,
  dimension_id INTEGER NOT NULL,
  day INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (service_id, dimension_id, day)
) STRICT, WITHOUT ROWID;

-- Sums of folded minutes by hour: hours since 1970. A year of one series lies side by side.
CREATE TABLE hour (
  service_id INTEGER NOT NULL,
  dimension_id INTEGER NOT NULL,
  hour INTEGER NOT NULL,
  received INTEGER NOT NULL,
  counted INTEGER NOT NULL,
  PRIMARY KEY (service_id, dimension_id, hour)
) STRICT, WITHOUT ROWID;

-- Sums of folded minutes by UTC day, for ever, and what else is kept of that day of that series:
-- 2 its minutes and hours, 1 its hours, 0 neither. What was removed once is not begun again: counts
-- that come later still are added to what is kept.
CREATE TABLE day (
  service_id INTEGER NOT NULL,
  dimension_id INTEGER NOT NULL,
  day INTEGER NOT NULL,
  received INTEGER NOT NULL,
  counted INTEGER NOT NULL,
  kept INTEGER NOT NULL CHECK (kept BETWEEN 0 AND 2),
  PRIMARY KEY (service_id, dimension_id, day)
) STRICT, WITHOUT ROWID;
-- Finds what is old enough to be removed, and tells at once when nothing is.
CREATE INDEX day_by_kept ON day (kept, day) WHERE kept > 0;
