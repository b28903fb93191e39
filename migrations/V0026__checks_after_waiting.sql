-- Checks that must see what others committed while they waited. READ COMMITTED takes a new snapshot for each statement; at
-- REPEATABLE READ and SERIALIZABLE the snapshot of the transaction may be older than the lock, and SERIALIZABLE notices that
-- only if the other transaction is SERIALIZABLE too.

CREATE OR REPLACE FUNCTION stock.refuse_location_ring() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    above bigint := NEW.parent_id;
    passed bigint[] := '{}';
BEGIN
    -- Nothing contains a new location but what the same statement inserts.
    IF TG_OP = 'UPDATE' THEN
        -- Two admins who each close half of a ring take turns.
        PERFORM pg_advisory_xact_lock(hashtextextended('stock.refuse_location_ring', 0));
    END IF;
    -- A ring that does not contain this location must not keep the loop going.
    WHILE above <> NEW.location_id AND above <> ALL (passed) LOOP
        passed := passed || above;
        IF TG_OP = 'INSERT' OR current_setting('transaction_isolation') IN ('read committed', 'read uncommitted') THEN
            SELECT l.parent_id INTO above FROM stock.locations l WHERE l.location_id = above;
        ELSE
            -- Fails with a serialization failure if the location was changed since the snapshot.
            SELECT l.parent_id INTO above FROM stock.locations l WHERE l.location_id = above FOR SHARE;
        END IF;
    END LOOP;
    IF above = NEW.location_id THEN
        RAISE EXCEPTION 'Location % cannot be part of a place that is part of it.', NEW.code
            USING ERRCODE = 'SR003', CONSTRAINT = 'locations_form_a_tree';
    END IF;
    RETURN NULL;
END;
$$;

-- One INSERT of several locations can close a ring as well.
CREATE OR REPLACE TRIGGER refuse_location_ring AFTER INSERT OR UPDATE OF parent_id ON stock.locations
    FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION stock.refuse_location_ring();
ALTER TABLE stock.locations ENABLE ALWAYS TRIGGER refuse_location_ring;

CREATE FUNCTION stock.require_read_committed() RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'Keys of personal data are changed in a READ COMMITTED transaction; this one is %.', upper(current_setting('transaction_isolation'))
            USING ERRCODE = 'SR003', CONSTRAINT = 'keys_change_at_read_committed',
                  HINT = 'Begin with BEGIN ISOLATION LEVEL READ COMMITTED.';
    END IF;
END;
$$;
COMMENT ON FUNCTION stock.require_read_committed() IS 'Refuses a transaction whose statements do not see what others committed after it began.';
REVOKE ALL ON FUNCTION stock.require_read_committed() FROM PUBLIC;

CREATE OR REPLACE FUNCTION stock.check_ciphertext(field text, value bytea, kind text, owner text, personal boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT stock.is_field_value(value) OR (personal AND get_byte(value, 0) <> 1) THEN
        RAISE EXCEPTION 'The field % is personal data and takes only ciphertext; enter it with stockroom, which encrypts it before it is sent.', field
            USING ERRCODE = 'SR003', CONSTRAINT = 'personal_data_is_encrypted',
                  HINT = 'See stockroom partner change --help. What was typed here is in the server''s log: tell whoever answers for it.';
    END IF;
    IF get_byte(value, 0) = 0 THEN
        -- Fails unless it is valid UTF-8, as the view that shows it requires.
        PERFORM convert_from(substr(value, 2), 'UTF8');
        RETURN;
    END IF;
    -- The lock waits for whoever destroys the key, and makes whoever is about to destroy it wait.
    PERFORM FROM stock.data_keys k
    WHERE k.key_id = encode(substr(value, 2, 16), 'hex')::uuid AND k.subject_kind = kind AND k.subject = owner
    FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'The field % of % is not encrypted with the data key of %; it may have been erased meanwhile.', field, owner, owner
            USING ERRCODE = 'SR003', CONSTRAINT = 'encrypted_with_own_key';
    END IF;
END;
$$;

CREATE OR REPLACE FUNCTION stock.apply_privacy_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    remaining boolean := false;
    applied boolean;
BEGIN
    PERFORM stock.refuse_recorded_session();
    IF NEW.kind = 'erased' THEN
        PERFORM stock.require_read_committed();
        -- Whoever is storing a field under this key has committed once it is deleted; only then can one remain.
        DELETE FROM stock.data_keys k WHERE k.subject_kind = NEW.subject_kind AND k.subject = NEW.subject;
        applied := FOUND;
        IF NEW.subject_kind = 'partner' THEN
            SELECT true INTO remaining FROM stock.partners p
            WHERE p.code = NEW.subject AND num_nonnulls(p.contact_name, p.email, p.telephone, p.address, p.tax_number, p.note) > 0;
        ELSE
            SELECT true INTO remaining FROM stock.person_names n WHERE n.login = NEW.subject;
        END IF;
        IF remaining THEN
            RAISE EXCEPTION 'The fields of % must be emptied in the transaction that erases it; use stockroom privacy erase.', NEW.subject
                USING ERRCODE = 'SR003', CONSTRAINT = 'emptied_before_erasure';
        END IF;
    ELSIF NEW.kind IN ('restricted', 'restriction_lifted') THEN
        UPDATE stock.data_keys k SET restricted = (NEW.kind = 'restricted')
        WHERE k.subject_kind = NEW.subject_kind AND k.subject = NEW.subject;
        applied := FOUND;
    ELSE
        RETURN NULL;
    END IF;
    IF NOT applied THEN
        RAISE EXCEPTION '% has no personal data.', NEW.subject
            USING ERRCODE = 'SR003', CONSTRAINT = 'subject_has_data';
    END IF;
    RETURN NULL;
END;
$$;

CREATE OR REPLACE FUNCTION stock.store_data_key(key uuid, version integer, wrapped_key bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    created record;
    current_version integer;
BEGIN
    PERFORM stock.refuse_recorded_session();
    PERFORM stock.require_read_committed();
    SELECT e.subject_kind, e.subject INTO created FROM stock.privacy_events e
    WHERE e.kind = 'key_created' AND e.key_id = key AND e.xid = pg_current_xact_id() AND e.posted_by = session_user;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'Data key % is stored in the transaction of the event that says it was created.', key
            USING ERRCODE = 'SR003', CONSTRAINT = 'key_has_event';
    END IF;
    -- 1, the initialization vector, 64 bytes of keys padded to 80, and the authentication code.
    IF version IS NULL OR wrapped_key IS NULL OR octet_length(wrapped_key) <> 129 OR get_byte(wrapped_key, 0) <> 1 THEN
        RAISE EXCEPTION 'Data key % is not wrapped as stockroom does.', key
            USING ERRCODE = 'SR003', CONSTRAINT = 'wrapped_key_form';
    END IF;
    BEGIN
        INSERT INTO stock.data_keys (key_id, subject_kind, subject, key_version, wrapped)
        VALUES (key, created.subject_kind, created.subject, version, wrapped_key);
    EXCEPTION
        WHEN unique_violation THEN
            RAISE EXCEPTION '% has a data key already; try again.', created.subject
                USING ERRCODE = 'SR003', CONSTRAINT = 'one_key_each';
        WHEN query_canceled OR OTHERS THEN
            RAISE EXCEPTION 'The data key could not be stored: %', SQLERRM USING ERRCODE = SQLSTATE;
    END;
    -- The INSERT may have waited for a rotation. What was rotated away is deleted from the keyring.
    SELECT e.key_version INTO current_version FROM stock.privacy_events e
    WHERE e.kind IN ('keyring_created', 'keyring_rotated') ORDER BY e.event_no DESC LIMIT 1;
    IF version <> current_version THEN
        RAISE EXCEPTION 'Data key % is wrapped by version % of the keyring, and the database has changed to version %; try again with the new keyring.', key, version, current_version
            USING ERRCODE = 'SR003', CONSTRAINT = 'wrapped_by_current_version';
    END IF;
END;
$$;

CREATE OR REPLACE FUNCTION stock.rewrap_data_keys(version integer, keys uuid[], wrapped_keys bytea[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    rewrapped bigint;
BEGIN
    PERFORM stock.refuse_recorded_session();
    PERFORM stock.require_read_committed();
    IF NOT EXISTS (SELECT FROM stock.privacy_events e WHERE e.kind = 'keyring_rotated' AND e.key_version = version AND e.xid = pg_current_xact_id() AND e.posted_by = session_user) THEN
        RAISE EXCEPTION 'Data keys are wrapped anew in the transaction of the event that says so.'
            USING ERRCODE = 'SR003', CONSTRAINT = 'rotation_has_event';
    END IF;
    LOCK TABLE stock.data_keys IN SHARE ROW EXCLUSIVE MODE;
    IF EXISTS (SELECT FROM unnest(wrapped_keys) AS w (wrapped_key) WHERE w.wrapped_key IS NULL OR octet_length(w.wrapped_key) <> 129 OR get_byte(w.wrapped_key, 0) <> 1)
       OR cardinality(keys) <> cardinality(wrapped_keys) THEN
        RAISE EXCEPTION 'The data keys are not wrapped as stockroom does.'
            USING ERRCODE = 'SR003', CONSTRAINT = 'wrapped_key_form';
    END IF;
    UPDATE stock.data_keys k SET key_version = version, wrapped = w.wrapped_key
    FROM unnest(keys, wrapped_keys) AS w (key, wrapped_key) WHERE k.key_id = w.key;
    GET DIAGNOSTICS rewrapped = ROW_COUNT;
    IF EXISTS (SELECT FROM stock.data_keys k WHERE k.key_version <> version) THEN
        RAISE EXCEPTION 'A data key was created meanwhile; run stockroom privacy rotate again.'
            USING ERRCODE = 'SR003', CONSTRAINT = 'rotation_is_complete';
    END IF;
    RETURN rewrapped;
END;
$$;
