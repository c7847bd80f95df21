-- The third form: what was imported says where it came from.

-- Where the counts of a day of a service came from, as far as they were imported: the source and
-- licence of the file, the minutes they span. kind: 1 series, which taught what is usual and
-- overlap nothing else; 2 reports, which stand in the log too. licence is '' when it is our own.
CREATE TABLE import (
  service TEXT NOT NULL,
  day INTEGER NOT NULL,
  kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 2),
  source TEXT NOT NULL,
  licence TEXT NOT NULL,
  synthetic INTEGER NOT NULL CHECK (synthetic IN (0, 1)),
  from_minute INTEGER NOT NULL,
  until_minute INTEGER NOT NULL,
  PRIMARY KEY (service, day, kind, source, licence, synthetic)
) STRICT, WITHOUT ROWID;

-- Incidents of other installations: shown by exports, never mixed with our own. The body is the
-- JSON of the line they came as.
CREATE TABLE imported_incident (
  source TEXT NOT NULL,
  id TEXT NOT NULL,
  service TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (source, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX imported_incident_by_time ON imported_incident (opened_at, id, source);
