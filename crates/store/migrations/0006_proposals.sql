-- The sixth form: claims that people propose, until somebody decides on them, and after.

-- state: 0 held, 1 accepted, 2 rejected. The id is that of the signal: 16 bytes, most significant
-- first. line is the signal as a line of JSON.
CREATE TABLE proposal (
  number INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  at INTEGER NOT NULL,
  line TEXT NOT NULL,
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 2)
) STRICT;
CREATE INDEX proposal_by_state ON proposal (state, at, id);
