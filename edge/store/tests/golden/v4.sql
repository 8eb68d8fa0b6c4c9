-- A journal of version 4, epoch 5, as that version wrote it. Never changed.
PRAGMA journal_mode = WAL;
PRAGMA application_id = 1147238009;
PRAGMA user_version = 4;
CREATE TABLE journal (
    seq  INTEGER PRIMARY KEY,
    utc  INTEGER NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    hash BLOB NOT NULL
) STRICT;
CREATE TABLE state  (key  TEXT PRIMARY KEY, body  TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE cursor (name TEXT PRIMARY KEY, body  TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE meta   (key  TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE change (seq INTEGER PRIMARY KEY, rule TEXT) STRICT;
CREATE INDEX change_of_rule ON change (rule, seq);
CREATE TRIGGER journal_change AFTER INSERT ON journal WHEN new.kind = 'change' BEGIN
    INSERT INTO change (seq, rule)
    VALUES (new.seq, CASE WHEN json_valid(new.body) THEN json_extract(new.body, '$.rule') END);
END;
CREATE TABLE parked (
    uplink TEXT    NOT NULL,
    seq    INTEGER NOT NULL,
    lane   TEXT    NOT NULL,
    reason TEXT    NOT NULL,
    since  INTEGER NOT NULL,
    tries  INTEGER NOT NULL,
    next   INTEGER NOT NULL,
    PRIMARY KEY (uplink, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX parked_next ON parked (uplink, next);
CREATE TABLE command (
    id   TEXT    PRIMARY KEY,
    n    INTEGER NOT NULL,
    seq  INTEGER NOT NULL,
    body TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX command_n ON command (n);
CREATE TRIGGER journal_command AFTER INSERT ON journal
WHEN new.kind = 'audit' AND json_valid(new.body) AND json_type(new.body, '$.command.id') = 'text' BEGIN
    INSERT INTO command (id, n, seq, body)
    VALUES (json_extract(new.body, '$.command.id'), coalesce((SELECT max(n) FROM command), 0) + 1, new.seq, new.body)
    ON CONFLICT (id) DO NOTHING;
    DELETE FROM command WHERE n <= (SELECT max(n) FROM command) - 10000;
END;
CREATE TRIGGER command_forgotten AFTER DELETE ON command
WHEN json_extract(old.body, '$.command.outcome') = 'done' BEGIN
    INSERT INTO meta (key, value) VALUES ('commands_forgotten', json_extract(old.body, '$.command.issued'))
    ON CONFLICT (key) DO UPDATE SET value = max(value, excluded.value);
END;
INSERT INTO meta VALUES ('epoch', '5');
INSERT INTO state VALUES ('engine', '{"alarms":1}');
INSERT INTO cursor VALUES ('enterprise', '{"next":3}');
INSERT INTO journal VALUES (1, 1795392000123, 'alarm', '{"name":"液位高高"}', x'66d4e33cedb7546e0212d0adedb9139a69798772718f1ade34566e3da8f107aa');
INSERT INTO journal VALUES (2, 1795392000500, 'warning', '{"level":"red"}', x'a7cb97f979606ed7e9c1c57ef5da894076c3bfca508885e2b33e555cb5401fcd');
INSERT INTO journal VALUES (3, -1, 'audit', '{}', x'6f274a4d4b16788698aa07a880cb0bc41181405b4aeb408e18a634c6e1ac23a0');
INSERT INTO parked VALUES ('enterprise', 2, 'live', 'no such unit', 1795392000600, 1, 1795392060600);
INSERT INTO command VALUES ('c-1', 1, 1, '{"command":{"id":"c-1","outcome":"done","issued":"2026-11-23T00:00:00.000Z"}}');
