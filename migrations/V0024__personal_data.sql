-- Personal data: stored only as ciphertext that the program has encrypted before sending it. The server never holds a key that
-- opens it: the data key of each partner and person is wrapped by a key outside the database.

-- What a field of a partner holds: 0 and a text in UTF-8, or 1, the id of a data key (16 bytes), an initialization vector (16),
-- the ciphertext (AES-256-CBC) and an authentication code (32), as in A256CBC-HS512 of RFC 7518, 5.2.5.
CREATE FUNCTION stock.is_field_value(value bytea) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
RETURN CASE
    WHEN value IS NULL THEN NULL
    WHEN octet_length(value) < 2 THEN false
    WHEN get_byte(value, 0) = 0 THEN octet_length(value) <= 4001
    WHEN get_byte(value, 0) = 1 THEN octet_length(value) BETWEEN 81 AND 4081 AND (octet_length(value) - 65) % 16 = 0
    ELSE false
END;
COMMENT ON FUNCTION stock.is_field_value(bytea) IS 'Whether bytes have the form of a field of a partner: 0 and a text, or 1 and a ciphertext.';

ALTER TABLE stock.partners
    ADD COLUMN contact_name bytea,
    ADD COLUMN email bytea,
    ADD COLUMN telephone bytea,
    ADD COLUMN address bytea,
    ADD COLUMN tax_number bytea,
    ADD COLUMN note bytea,
    ADD CONSTRAINT partners_contact_name_form CHECK (stock.is_field_value(contact_name)),
    ADD CONSTRAINT partners_email_form CHECK (stock.is_field_value(email)),
    ADD CONSTRAINT partners_telephone_form CHECK (stock.is_field_value(telephone)),
    ADD CONSTRAINT partners_address_form CHECK (stock.is_field_value(address)),
    ADD CONSTRAINT partners_tax_number_form CHECK (stock.is_field_value(tax_number)),
    ADD CONSTRAINT partners_note_form CHECK (stock.is_field_value(note));
COMMENT ON COLUMN stock.partners.contact_name IS 'Contact person; a ciphertext if personal (see stock.is_field_value).';
COMMENT ON COLUMN stock.partners.email IS 'E-mail address; a ciphertext if personal.';
COMMENT ON COLUMN stock.partners.telephone IS 'Telephone number; a ciphertext if personal.';
COMMENT ON COLUMN stock.partners.address IS 'Postal address; a ciphertext if personal.';
COMMENT ON COLUMN stock.partners.tax_number IS 'Tax number; a ciphertext if personal.';
COMMENT ON COLUMN stock.partners.note IS 'Note; a ciphertext if personal.';

CREATE TABLE stock.partner_fields (
    field    text NOT NULL,
    personal boolean NOT NULL,
    CONSTRAINT partner_fields_pkey PRIMARY KEY (field),
    CONSTRAINT partner_fields_known CHECK (field IN ('contact_name', 'email', 'telephone', 'address', 'tax_number', 'note'))
);
COMMENT ON TABLE stock.partner_fields IS 'Which fields of partners are personal data, as decided by an admin. A field without a row is personal.';
COMMENT ON COLUMN stock.partner_fields.field IS 'Column of stock.partners.';
COMMENT ON COLUMN stock.partner_fields.personal IS 'Whether the field holds personal data and is stored only as ciphertext.';

CREATE TABLE stock.privacy_events (
    event_no     bigint GENERATED ALWAYS AS IDENTITY,
    kind         text NOT NULL,
    subject_kind text,
    subject      text,
    key_id       uuid,
    key_version  integer,
    fingerprint  text,
    ground       text,
    posted_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    posted_by    name NOT NULL DEFAULT session_user,
    xid          xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT privacy_events_pkey PRIMARY KEY (event_no),
    CONSTRAINT privacy_events_kind_known CHECK (kind IN ('keyring_created', 'keyring_rotated', 'key_created', 'erased', 'restricted', 'restriction_lifted', 'exported')),
    CONSTRAINT privacy_events_subject_kind_known CHECK (subject_kind IN ('partner', 'person')),
    CONSTRAINT privacy_events_subject_form CHECK (subject ~ '^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$'),
    CONSTRAINT privacy_events_subject_given CHECK ((kind IN ('keyring_created', 'keyring_rotated')) = (subject IS NULL) AND (subject IS NULL) = (subject_kind IS NULL)),
    CONSTRAINT privacy_events_key_given CHECK ((kind = 'key_created') = (key_id IS NOT NULL)),
    CONSTRAINT privacy_events_version_given CHECK ((kind IN ('keyring_created', 'keyring_rotated')) = (key_version IS NOT NULL) AND (key_version IS NULL) = (fingerprint IS NULL)),
    CONSTRAINT privacy_events_version_range CHECK (key_version BETWEEN 1 AND 1000000),
    CONSTRAINT privacy_events_fingerprint_form CHECK (fingerprint ~ '^[0-9a-f]{16}$'),
    CONSTRAINT privacy_events_ground_given CHECK (kind NOT IN ('erased', 'restricted', 'restriction_lifted') OR ground IS NOT NULL),
    CONSTRAINT privacy_events_ground_form CHECK (ground = btrim(ground) AND length(ground) BETWEEN 1 AND 200 AND ground !~ '[\u0001-\u001f\u007f-\u009f]')
);
CREATE INDEX privacy_events_subject_idx ON stock.privacy_events (subject_kind, subject, event_no);
COMMENT ON TABLE stock.privacy_events IS 'What was done with the keys of personal data: by whom, when and why. Append-only, and part of the sealed history of master data.';
COMMENT ON COLUMN stock.privacy_events.event_no IS 'Number of the event, assigned by the server.';
COMMENT ON COLUMN stock.privacy_events.kind IS 'keyring_created, keyring_rotated, key_created, erased, restricted, restriction_lifted or exported.';
COMMENT ON COLUMN stock.privacy_events.subject_kind IS 'partner or person; null for an event of the keyring.';
COMMENT ON COLUMN stock.privacy_events.subject IS 'Code of the partner, or login of the person; null for an event of the keyring.';
COMMENT ON COLUMN stock.privacy_events.key_id IS 'Data key that was created.';
COMMENT ON COLUMN stock.privacy_events.key_version IS 'Version of the wrapping key from this event on.';
COMMENT ON COLUMN stock.privacy_events.fingerprint IS 'Identifies the wrapping key: the first bytes of an HMAC under it.';
COMMENT ON COLUMN stock.privacy_events.ground IS 'Why it was done. It cannot be erased, so it must not name anybody.';
COMMENT ON COLUMN stock.privacy_events.posted_at IS 'When the server accepted the event.';
COMMENT ON COLUMN stock.privacy_events.posted_by IS 'Login that posted the event.';
COMMENT ON COLUMN stock.privacy_events.xid IS 'Transaction that posted the event.';

CREATE TABLE stock.data_keys (
    key_id       uuid NOT NULL,
    subject_kind text NOT NULL,
    subject      text NOT NULL,
    key_version  integer NOT NULL,
    wrapped      bytea NOT NULL,
    restricted   boolean NOT NULL DEFAULT false,
    CONSTRAINT data_keys_pkey PRIMARY KEY (key_id),
    CONSTRAINT data_keys_subject_key UNIQUE (subject_kind, subject)
) WITH (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0);
COMMENT ON TABLE stock.data_keys IS 'Wrapped data key of each partner and person with personal data. Only functions write and read it, so that no key appears in an audit record. Whatever destroys a key also erases what it encrypts.';
COMMENT ON COLUMN stock.data_keys.key_id IS 'Id of the key, chosen by the client; each ciphertext begins with it.';
COMMENT ON COLUMN stock.data_keys.subject_kind IS 'partner or person.';
COMMENT ON COLUMN stock.data_keys.subject IS 'Code of the partner, or login of the person.';
COMMENT ON COLUMN stock.data_keys.key_version IS 'Version of the key in the keyring that wraps this one.';
COMMENT ON COLUMN stock.data_keys.wrapped IS 'The key itself, encrypted and authenticated under the wrapping key.';
COMMENT ON COLUMN stock.data_keys.restricted IS 'Whether processing is restricted: clerks do not get the key.';

CREATE TABLE stock.person_names (
    login     text NOT NULL,
    full_name bytea NOT NULL,
    CONSTRAINT person_names_pkey PRIMARY KEY (login),
    CONSTRAINT person_names_login_form CHECK (login ~ '^[a-z][a-z0-9_.-]{0,62}$'),
    CONSTRAINT person_names_full_name_form CHECK (stock.is_field_value(full_name) AND get_byte(full_name, 0) = 1)
);
COMMENT ON TABLE stock.person_names IS 'Real name of the person behind a login, as ciphertext. Ledger, log and seal hold the login alone.';
COMMENT ON COLUMN stock.person_names.login IS 'Login of the person.';
COMMENT ON COLUMN stock.person_names.full_name IS 'Name of the person; always a ciphertext.';

-- A plaintext that reached a statement would stay in the sealed log for ever, so the message names the way that encrypts first.
CREATE FUNCTION stock.check_ciphertext(field text, value bytea, kind text, owner text, personal boolean) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
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
    ELSIF NOT EXISTS (
        SELECT FROM stock.data_keys k
        WHERE k.key_id = encode(substr(value, 2, 16), 'hex')::uuid AND k.subject_kind = kind AND k.subject = owner)
    THEN
        RAISE EXCEPTION 'The field % of % is not encrypted with the data key of %; it may have been erased meanwhile.', field, owner, owner
            USING ERRCODE = 'SR003', CONSTRAINT = 'encrypted_with_own_key';
    END IF;
END;
$$;
COMMENT ON FUNCTION stock.check_ciphertext(text, bytea, text, text, boolean) IS 'Refuses a value that is not a ciphertext under the data key of its partner or person, where it has to be one.';

CREATE FUNCTION stock.check_partner_fields() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    changed record;
BEGIN
    FOR changed IN
        SELECT f.field, f.value, coalesce(s.personal, true) AS personal
        FROM (VALUES ('contact_name', NEW.contact_name, OLD.contact_name), ('email', NEW.email, OLD.email),
                     ('telephone', NEW.telephone, OLD.telephone), ('address', NEW.address, OLD.address),
                     ('tax_number', NEW.tax_number, OLD.tax_number), ('note', NEW.note, OLD.note)) AS f (field, value, before)
        LEFT JOIN stock.partner_fields s ON s.field = f.field
        WHERE f.value IS NOT NULL AND f.value IS DISTINCT FROM f.before
    LOOP
        PERFORM stock.check_ciphertext(changed.field, changed.value, 'partner', NEW.code, changed.personal);
    END LOOP;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION stock.check_partner_fields() IS 'Checks the fields of a partner that a statement changes.';
CREATE TRIGGER check_partner_fields BEFORE INSERT OR UPDATE ON stock.partners
    FOR EACH ROW EXECUTE FUNCTION stock.check_partner_fields();
ALTER TABLE stock.partners ENABLE ALWAYS TRIGGER check_partner_fields;

CREATE FUNCTION stock.check_person_name() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM stock.check_ciphertext('full_name', NEW.full_name, 'person', NEW.login, true);
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION stock.check_person_name() IS 'Checks the name of a person.';
CREATE TRIGGER check_person_name BEFORE INSERT OR UPDATE ON stock.person_names
    FOR EACH ROW EXECUTE FUNCTION stock.check_person_name();
ALTER TABLE stock.person_names ENABLE ALWAYS TRIGGER check_person_name;

-- pgaudit leaves out what a definer's function writes, except for members of its owner.
CREATE FUNCTION stock.refuse_recorded_session() RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF pg_has_role(session_user, 'stock_owner', 'MEMBER') THEN
        RAISE EXCEPTION 'Keys of personal data are managed with the login of an admin; the audit log would record the keys that % writes.', session_user
            USING ERRCODE = 'SR003', CONSTRAINT = 'keys_managed_by_admins';
    END IF;
END;
$$;
COMMENT ON FUNCTION stock.refuse_recorded_session() IS 'Refuses superusers and members of stock_owner, whose writes inside functions pgaudit records with all values.';

CREATE FUNCTION stock.apply_privacy_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    remaining boolean := false;
BEGIN
    PERFORM stock.refuse_recorded_session();
    IF NEW.kind = 'erased' THEN
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
        DELETE FROM stock.data_keys k WHERE k.subject_kind = NEW.subject_kind AND k.subject = NEW.subject;
    ELSIF NEW.kind IN ('restricted', 'restriction_lifted') THEN
        UPDATE stock.data_keys k SET restricted = (NEW.kind = 'restricted')
        WHERE k.subject_kind = NEW.subject_kind AND k.subject = NEW.subject;
    ELSE
        RETURN NULL;
    END IF;
    IF NOT FOUND THEN
        RAISE EXCEPTION '% has no personal data.', NEW.subject
            USING ERRCODE = 'SR003', CONSTRAINT = 'subject_has_data';
    END IF;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION stock.apply_privacy_event() IS 'Destroys the data key of whoever is erased, and restricts the key of whoever is restricted.';
CREATE TRIGGER apply_privacy_event AFTER INSERT ON stock.privacy_events
    FOR EACH ROW EXECUTE FUNCTION stock.apply_privacy_event();
ALTER TABLE stock.privacy_events ENABLE ALWAYS TRIGGER apply_privacy_event;
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON stock.privacy_events
    FOR EACH STATEMENT EXECUTE FUNCTION stock.refuse_change();
ALTER TABLE stock.privacy_events ENABLE ALWAYS TRIGGER refuse_change;

-- A key is an argument of a function called by SELECT, which pgaudit does not record. No error of these functions says its value.
CREATE FUNCTION stock.store_data_key(key uuid, version integer, wrapped_key bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    created record;
BEGIN
    PERFORM stock.refuse_recorded_session();
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
END;
$$;
COMMENT ON FUNCTION stock.store_data_key(uuid, integer, bytea) IS 'Stores the wrapped data key that an event of the same transaction announces.';

CREATE FUNCTION stock.data_keys_of(kind text, subjects text[]) RETURNS TABLE (key_id uuid, subject text, key_version integer, wrapped bytea, restricted boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT k.key_id, k.subject, k.key_version, k.wrapped, k.restricted FROM stock.data_keys k
    WHERE k.subject_kind = kind AND (subjects IS NULL OR k.subject = ANY (subjects))
        AND (pg_has_role(session_user, 'stock_admin', 'MEMBER') OR (kind = 'partner' AND NOT k.restricted));
END;
COMMENT ON FUNCTION stock.data_keys_of(text, text[]) IS 'Returns wrapped data keys to whoever may read what they encrypt: all to admins, those of partners that are not restricted to clerks.';

CREATE FUNCTION stock.data_key_versions() RETURNS TABLE (subject_kind text, key_version integer, keys bigint, restricted bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT k.subject_kind, k.key_version, count(*), count(*) FILTER (WHERE k.restricted) FROM stock.data_keys k
    GROUP BY k.subject_kind, k.key_version ORDER BY k.subject_kind, k.key_version;
END;
COMMENT ON FUNCTION stock.data_key_versions() IS 'Returns how many data keys each version of the wrapping key wraps.';

CREATE FUNCTION stock.rewrap_data_keys(version integer, keys uuid[], wrapped_keys bytea[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    rewrapped bigint;
BEGIN
    PERFORM stock.refuse_recorded_session();
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
COMMENT ON FUNCTION stock.rewrap_data_keys(integer, uuid[], bytea[]) IS 'Replaces every wrapped data key by the same key under the new wrapping key.';

CREATE FUNCTION stock.shown_field(value bytea) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
RETURN CASE get_byte(value, 0) WHEN 0 THEN convert_from(substr(value, 2), 'UTF8') WHEN 1 THEN '(encrypted)' END;
COMMENT ON FUNCTION stock.shown_field(bytea) IS 'A field of a partner as people may see it on the server: the text, or (encrypted).';

CREATE VIEW stock.partner_details AS
SELECT p.code, p.name, p.kind, stock.shown_field(p.contact_name) AS contact_name, stock.shown_field(p.email) AS email,
       stock.shown_field(p.telephone) AS telephone, stock.shown_field(p.address) AS address,
       stock.shown_field(p.tax_number) AS tax_number, stock.shown_field(p.note) AS note
FROM stock.partners p;
COMMENT ON VIEW stock.partner_details IS 'Suppliers and customers for psql: fields that are not personal as text, personal ones masked. Only stockroom with the keyring shows these.';
COMMENT ON COLUMN stock.partner_details.code IS 'Code of the partner.';
COMMENT ON COLUMN stock.partner_details.name IS 'Name of the company.';
COMMENT ON COLUMN stock.partner_details.kind IS 'supplier or customer.';
COMMENT ON COLUMN stock.partner_details.contact_name IS 'Contact person, or (encrypted).';
COMMENT ON COLUMN stock.partner_details.email IS 'E-mail address, or (encrypted).';
COMMENT ON COLUMN stock.partner_details.telephone IS 'Telephone number, or (encrypted).';
COMMENT ON COLUMN stock.partner_details.address IS 'Postal address, or (encrypted).';
COMMENT ON COLUMN stock.partner_details.tax_number IS 'Tax number, or (encrypted).';
COMMENT ON COLUMN stock.partner_details.note IS 'Note, or (encrypted).';

-- The history of master data covers these tables too, so that they are sealed and compared with the audit records.
ALTER TABLE stock.master_history DROP CONSTRAINT master_history_table_known;
ALTER TABLE stock.master_history ADD CONSTRAINT master_history_table_known
    CHECK (table_name IN ('products', 'barcodes', 'locations', 'lots', 'partners', 'partner_fields', 'privacy_events', 'person_names'));
COMMENT ON TABLE stock.master_history IS 'Every change to products, barcodes, locations, lots, partners, the settings of their fields, the names of people and the events of their keys, with the row as it was after the change. Only a trigger writes it. It is sealed, and a verification compares it with the audit records and with the rows as they are now.';
-- A session may have set another form for bytea, and the history would not agree with the rows.
ALTER FUNCTION stock.keep_master_history() SET bytea_output = 'hex';
CREATE TRIGGER keep_master_history AFTER INSERT OR UPDATE OR DELETE ON stock.partner_fields
    FOR EACH ROW EXECUTE FUNCTION stock.keep_master_history('field');
CREATE TRIGGER keep_master_history AFTER INSERT OR UPDATE OR DELETE ON stock.privacy_events
    FOR EACH ROW EXECUTE FUNCTION stock.keep_master_history('event_no');
CREATE TRIGGER keep_master_history AFTER INSERT OR UPDATE OR DELETE ON stock.person_names
    FOR EACH ROW EXECUTE FUNCTION stock.keep_master_history('login');
ALTER TABLE stock.partner_fields ENABLE ALWAYS TRIGGER keep_master_history;
ALTER TABLE stock.privacy_events ENABLE ALWAYS TRIGGER keep_master_history;
ALTER TABLE stock.person_names ENABLE ALWAYS TRIGGER keep_master_history;

-- Admins read and write all fields; clerks read what shipping needs, as ciphertext that their keyring opens. Auditors see
-- ciphertext, which they compare, and get no data key. Analysts see nothing of it.
REVOKE ALL ON stock.partner_fields, stock.privacy_events, stock.data_keys, stock.person_names, stock.partner_details FROM PUBLIC;
REVOKE ALL ON FUNCTION stock.is_field_value(bytea), stock.shown_field(bytea), stock.check_ciphertext(text, bytea, text, text, boolean), stock.check_partner_fields(),
    stock.check_person_name(), stock.refuse_recorded_session(), stock.apply_privacy_event(), stock.store_data_key(uuid, integer, bytea),
    stock.data_keys_of(text, text[]), stock.data_key_versions(), stock.rewrap_data_keys(integer, uuid[], bytea[]) FROM PUBLIC;
REVOKE SELECT ON stock.partners FROM stock_clerk;
GRANT SELECT (partner_id, code, name, kind, archived_at, created_at, created_by, contact_name, telephone, address) ON stock.partners TO stock_clerk;
GRANT UPDATE (contact_name, email, telephone, address, tax_number, note) ON stock.partners TO stock_admin;
GRANT EXECUTE ON FUNCTION stock.is_field_value(bytea), stock.shown_field(bytea) TO stock_clerk, stock_admin, stock_auditor;
GRANT SELECT ON stock.partner_fields TO stock_clerk, stock_admin, stock_auditor;
GRANT INSERT (field, personal), UPDATE (personal) ON stock.partner_fields TO stock_admin;
GRANT SELECT ON stock.privacy_events TO stock_admin, stock_auditor;
-- Which keyring fits, and no more.
GRANT SELECT (event_no, kind, key_version, fingerprint) ON stock.privacy_events TO stock_clerk;
GRANT INSERT (kind, subject_kind, subject, key_id, key_version, fingerprint, ground) ON stock.privacy_events TO stock_admin;
GRANT SELECT ON stock.person_names TO stock_admin, stock_auditor;
GRANT INSERT (login, full_name), UPDATE (full_name), DELETE ON stock.person_names TO stock_admin;
GRANT SELECT ON stock.partner_details TO stock_clerk, stock_admin, stock_auditor;
GRANT EXECUTE ON FUNCTION stock.store_data_key(uuid, integer, bytea), stock.rewrap_data_keys(integer, uuid[], bytea[]) TO stock_admin;
GRANT EXECUTE ON FUNCTION stock.data_keys_of(text, text[]) TO stock_admin, stock_clerk;
GRANT EXECUTE ON FUNCTION stock.data_key_versions() TO stock_admin, stock_auditor;
