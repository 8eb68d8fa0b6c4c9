-- Where a platform keeps what its gateways say. The same text for SQLite (3.38 or later) and PostgreSQL (12 or later).

-- Every row of every gateway's journal, once. The key is the message's `id` ({gateway}/{epoch}/{seq}) in its parts, with the company
-- of its `source`.
CREATE TABLE IF NOT EXISTS event (
    company  TEXT   NOT NULL,
    gateway  TEXT   NOT NULL,
    epoch    BIGINT NOT NULL,
    seq      BIGINT NOT NULL,
    lane     TEXT   NOT NULL,  -- in which it came first
    kind     TEXT   NOT NULL,  -- alarm, warning, task, …
    subject  TEXT,             -- the object that it is about, where it has one
    time     TEXT   NOT NULL,  -- when the gateway wrote it, RFC 3339 in UTC
    received BIGINT NOT NULL,  -- when it came here, milliseconds since 1970
    data     JSONB  NOT NULL,  -- the record, see docs/schemas/{kind}.json
    PRIMARY KEY (company, gateway, epoch, seq)
);

-- The newest state of each object: that of the greatest (epoch, seq), whichever came first.
CREATE TABLE IF NOT EXISTS object (
    company TEXT   NOT NULL,
    gateway TEXT   NOT NULL,
    kind    TEXT   NOT NULL,
    subject TEXT   NOT NULL,
    epoch   BIGINT NOT NULL,
    seq     BIGINT NOT NULL,
    time    TEXT   NOT NULL,
    data    JSONB  NOT NULL,
    PRIMARY KEY (company, gateway, kind, subject)
);

-- Values, where an uplink of the gateway forwards them. A value is known by tag and time, however often it comes.
CREATE TABLE IF NOT EXISTS sample (
    company     TEXT   NOT NULL,
    gateway     TEXT   NOT NULL,
    tag         TEXT   NOT NULL,
    received_at TEXT   NOT NULL,  -- by the gateway, RFC 3339 in UTC
    source_at   TEXT,             -- what the device says, where it does
    value       DOUBLE PRECISION, -- absent where it is no number
    quality     BIGINT NOT NULL,  -- OPC UA status code: below 1073741824 good, below 2147483648 uncertain, else bad
    PRIMARY KEY (company, gateway, tag, received_at)
);

-- How far each lane has come, and when it was heard last: what gaps.py judges by.
CREATE TABLE IF NOT EXISTS lane (
    company TEXT   NOT NULL,
    gateway TEXT   NOT NULL,
    epoch   BIGINT NOT NULL,
    lane    TEXT   NOT NULL,
    newest  BIGINT NOT NULL,
    heard   BIGINT NOT NULL,
    PRIMARY KEY (company, gateway, epoch, lane)
);

-- Who is online.
CREATE TABLE IF NOT EXISTS link (
    company TEXT   NOT NULL,
    gateway TEXT   NOT NULL,
    link    TEXT   NOT NULL,  -- online, offline
    heard   BIGINT NOT NULL,
    PRIMARY KEY (company, gateway)
);

-- What gaps.py has looked through, and the sequence numbers that it misses.
CREATE TABLE IF NOT EXISTS looked (
    company TEXT   NOT NULL,
    gateway TEXT   NOT NULL,
    epoch   BIGINT NOT NULL,
    until   BIGINT NOT NULL,
    PRIMARY KEY (company, gateway, epoch)
);
CREATE TABLE IF NOT EXISTS hole (
    company   TEXT   NOT NULL,
    gateway   TEXT   NOT NULL,
    epoch     BIGINT NOT NULL,
    first_seq BIGINT NOT NULL,
    last_seq  BIGINT NOT NULL,
    noticed   BIGINT NOT NULL,
    state     TEXT   NOT NULL,  -- waiting: may still come; missing; accepted by a person
    PRIMARY KEY (company, gateway, epoch, first_seq)
);

-- What could not be read. Look at it: it is no message of a gateway, or of one newer than this consumer.
CREATE TABLE IF NOT EXISTS unreadable (
    received BIGINT NOT NULL,
    origin   TEXT   NOT NULL,
    reason   TEXT   NOT NULL,
    payload  TEXT   NOT NULL
);

-- What a duty desk asks for. Closed is what a gateway or a person has closed, never what this database thinks.
DROP VIEW IF EXISTS open_alarm;
CREATE VIEW open_alarm AS
    SELECT company, gateway, subject AS id, data ->> 'state' AS state, data ->> 'priority' AS priority, data ->> 'name' AS name,
           data ->> 'unit' AS unit, data ->> 'raised_at' AS raised_at, data
    FROM object WHERE kind = 'alarm' AND data ->> 'state' <> 'normal';
DROP VIEW IF EXISTS open_warning;
CREATE VIEW open_warning AS
    SELECT company, gateway, subject AS id, data ->> 'state' AS state, data ->> 'level' AS level, data ->> 'name' AS name,
           data ->> 'unit' AS unit, data ->> 'raised_at' AS raised_at, data
    FROM object WHERE kind = 'warning' AND data ->> 'state' <> 'closed';
DROP VIEW IF EXISTS open_task;
CREATE VIEW open_task AS
    SELECT company, gateway, subject AS id, data ->> 'state' AS state, data ->> 'role' AS role, data ->> 'content' AS content,
           data ->> 'unit' AS unit, data ->> 'due_at' AS due_at, data
    FROM object WHERE kind = 'task' AND data ->> 'state' IN ('issued', 'accepted');
DROP VIEW IF EXISTS open_hazard;
CREATE VIEW open_hazard AS
    SELECT company, gateway, subject AS id, data ->> 'state' AS state, data ->> 'name' AS name, data ->> 'unit' AS unit,
           data ->> 'suspected_at' AS suspected_at, data
    FROM object WHERE kind = 'hazard' AND data ->> 'state' IN ('suspected', 'confirmed');
DROP VIEW IF EXISTS unit_colour;
CREATE VIEW unit_colour AS
    SELECT company, gateway, subject AS unit, data ->> 'name' AS name, data ->> 'colour' AS colour, data ->> 'since' AS since, data
    FROM object WHERE kind = 'unit';
