-- pg_logical_emit_message writes into the write-ahead log and nowhere else, as much and as long as a login likes. A text of its own: a
-- verification recognises what prepared a server by its whole text, and earlier versions sent the other limits without this one.
REVOKE EXECUTE ON FUNCTION pg_logical_emit_message(boolean, text, text), pg_logical_emit_message(boolean, text, bytea) FROM PUBLIC;
