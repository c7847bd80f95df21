-- The eighth form: how long a receiver is left alone follows from how often it did not take the
-- message, and no longer from tries that the end of the program cut short.

-- refused: tries that ended with "not now". attempts goes on counting every try that began.
ALTER TABLE outbox ADD COLUMN refused INTEGER NOT NULL DEFAULT 0;
UPDATE outbox SET refused = attempts;
