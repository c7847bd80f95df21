-- The first form of the database. Times are integers: milliseconds or minutes since 1970, UTC.
-- Bodies of incidents and case files are the JSON of outcry_wire.

-- The first log sequence number whose effects are not in here yet: one row for ever.
CREATE TABLE offset (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  seq INTEGER NOT NULL CHECK (seq >= 0)
) STRICT;
INSERT INTO offset (one, seq) VALUES (1, 0);

-- Names of services and dimensions, written once and then called by number.
CREATE TABLE service (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

-- kind: 1 all, 2 works, 3 component, 4 problem, 5 country ('' when it is not known).
CREATE TABLE dimension (
  id INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 5),
  name TEXT NOT NULL,
  UNIQUE (kind, name)
) STRICT;
INSERT INTO dimension (id, kind, name) VALUES (1, 1, ''), (2, 2, '');

-- Counts by service, minute and dimension. All cells of one service and minute lie side by side:
-- a batch of one minute touches one page a service, whatever the number of dimensions.
CREATE TABLE cell (
  service_id INTEGER NOT NULL,
  minute INTEGER NOT NULL,
  dimension_id INTEGER NOT NULL,
  received INTEGER NOT NULL,
  counted INTEGER NOT NULL,
  PRIMARY KEY (service_id, minute, dimension_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE incident (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  service TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  open INTEGER NOT NULL CHECK (open IN (0, 1)),
  revision INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX incident_by_time ON incident (opened_at, id);
CREATE INDEX incident_by_service ON incident (service, opened_at, id);
CREATE INDEX incident_open ON incident (opened_at, id) WHERE open = 1;

CREATE TABLE case_file (
  number INTEGER PRIMARY KEY,
  incident TEXT NOT NULL,
  revision INTEGER NOT NULL,
  as_of INTEGER NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (incident, revision)
) STRICT;

-- state: 0 held, 1 approved, 2 rejected. The id is 16 bytes, most significant first.
CREATE TABLE comment (
  number INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  at INTEGER NOT NULL,
  service TEXT NOT NULL,
  country TEXT,
  component TEXT,
  problem TEXT,
  text TEXT NOT NULL,
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 2)
) STRICT;
CREATE INDEX comment_by_state ON comment (state, at, id);
CREATE INDEX comment_by_service ON comment (state, service, at, id);

-- The saved engine, zstd, with the CRC-32 of the sequence number (8 bytes, little-endian) and the
-- compressed body. The last two are kept.
CREATE TABLE checkpoint (
  number INTEGER PRIMARY KEY,
  seq INTEGER NOT NULL,
  crc INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT;
