-- The seventh form: people who subscribe choose which incidents they are told of.

-- moments: 0 that it fails, why, and that it is over; 1 only that it is over; 2 also that it got
-- worse and that a claim was ruled on. Until now it was called wants, and 2 was not there.
ALTER TABLE subscriber ADD COLUMN
  moments INTEGER NOT NULL DEFAULT 0 CHECK (moments BETWEEN 0 AND 2);
UPDATE subscriber SET moments = wants;
ALTER TABLE subscriber DROP COLUMN wants;

-- about: which incidents, in the written form of outcry-wire (alert/about.rs); '' is all.
ALTER TABLE subscriber ADD COLUMN about TEXT NOT NULL DEFAULT '';
CREATE INDEX subscriber_by_about ON subscriber (service, about);
