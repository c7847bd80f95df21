-- The fifth form: what is to be told, to whom, and how far that has come.

-- What was told about a service, by rule: the JSON of the planner's state.
CREATE TABLE alert_state (
  service TEXT PRIMARY KEY,
  body TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What a message says, once for all who get it: the JSON of a letter.
CREATE TABLE alert_story (
  story TEXT PRIMARY KEY,
  body TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- One message to one receiver. recipient is '' where the channel is the receiver.
-- condition: 0 none; 1 unless the incident is acknowledged or over.
-- state: 0 waits; 1 delivered; 2 given up; 3 not needed any more.
-- leased: 1 while it is being sent; attempts counts that try already.
CREATE TABLE outbox (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  incident TEXT NOT NULL,
  story TEXT NOT NULL,
  channel TEXT NOT NULL,
  recipient TEXT NOT NULL,
  kind TEXT NOT NULL,
  condition INTEGER NOT NULL CHECK (condition BETWEEN 0 AND 1),
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3),
  leased INTEGER NOT NULL CHECK (leased IN (0, 1)),
  attempts INTEGER NOT NULL,
  made_at INTEGER NOT NULL,
  next_at INTEGER NOT NULL,
  done_at INTEGER,
  said TEXT
) STRICT;
CREATE INDEX outbox_due ON outbox (next_at, number) WHERE state = 0;
CREATE INDEX outbox_by_incident ON outbox (incident, channel, recipient, number);
CREATE INDEX outbox_done ON outbox (done_at) WHERE state > 0;

-- Who said of an incident that it is being looked at.
CREATE TABLE acknowledgement (
  incident TEXT PRIMARY KEY,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Services about which nothing is begun to be told until a time; '' is all of them.
CREATE TABLE silence (
  service TEXT PRIMARY KEY,
  until INTEGER NOT NULL,
  actor TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Channels that answered "gone". mark says which settings it had then: with others it is tried.
CREATE TABLE channel_off (
  channel TEXT PRIMARY KEY,
  mark TEXT NOT NULL,
  at INTEGER NOT NULL,
  said TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- People who asked to be told by e-mail. confirmed_at is NULL until they said so from that address.
-- wants: 0 all; 1 only the end.
CREATE TABLE subscriber (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  service TEXT NOT NULL,
  address TEXT NOT NULL,
  wants INTEGER NOT NULL CHECK (wants IN (0, 1)),
  made_at INTEGER NOT NULL,
  confirmed_at INTEGER,
  UNIQUE (service, address)
) STRICT;
CREATE INDEX subscriber_by_address ON subscriber (address);
