-- What search and the stock table walk along: the name and the sku in a searchable form, and indexes on it.
-- Nothing here touches the ledger or the levels; posting does not pay for searching.

DO $$
BEGIN
    -- The extension is trusted, so the owner of the database may make it. Nobody else may look into
    -- schema public, and nobody needs to: an index finds its functions by itself.
    CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public;
EXCEPTION
    WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'The extension pg_trgm is missing, and stock_owner may not make it because this database has another owner; run `stockroom db init`, which makes it as a superuser.';
END;
$$;

CREATE FUNCTION stock.search_text(given text) RETURNS text
-- COLLATE "C" and tables of letters instead of what the server's locale knows: an index must not change
-- its order when the library behind a locale does.
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN translate(
    lower(replace(replace(replace(replace(replace(replace(
        given COLLATE "C", 'œ', 'oe'), 'Œ', 'oe'), 'æ', 'ae'), 'Æ', 'ae'), 'ß', 'ss'), 'ẞ', 'ss')),
    'àáâãäåāăąÀÁÂÃÄÅĀĂĄçćĉċčÇĆĈĊČďđðĎĐÐèéêëēĕėęěÈÉÊËĒĔĖĘĚĝğġģĜĞĠĢĥħĤĦìíîïĩīĭįıÌÍÎÏĨĪĬĮİĵĴķĶĺļľłĹĻĽŁñńņňÑŃŅŇòóôõöøōŏőÒÓÔÕÖØŌŎŐŕŗřŔŖŘśŝşšșŚŜŞŠȘţťŧțŢŤŦȚùúûüũūŭůűųÙÚÛÜŨŪŬŮŰŲŵŴýÿŷÝŸŶźżžŹŻŽ'
    || '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~' || E'\u00a0\u202f‐‑–—‘’“”«»·•…×',
    'aaaaaaaaaaaaaaaaaaccccccccccddddddeeeeeeeeeeeeeeeeeegggggggghhhhiiiiiiiiiiiiiiiiiijjkkllllllllnnnnnnnnoooooooooooooooooorrrrrrssssssssssttttttttuuuuuuuuuuuuuuuuuuuuwwyyyyyyzzzzzz'
    || repeat(' ', 32) || repeat(' ', 16));
COMMENT ON FUNCTION stock.search_text(text) IS 'A text as it is searched: small letters without accents, punctuation turned into spaces; the same under every locale.';
GRANT EXECUTE ON FUNCTION stock.search_text(text) TO stock_clerk, stock_admin, stock_auditor;

-- Kept in the row, so that looking through many rows folds nothing. A tab stands between name and sku,
-- so that a name comes before the longer ones that begin with it.
ALTER TABLE stock.products ADD COLUMN search_words text COLLATE "C"
    GENERATED ALWAYS AS (' ' || stock.search_text(name) || chr(9) || ' ' || stock.search_text(sku)) STORED;
COMMENT ON COLUMN stock.products.search_words IS 'Name and sku as they are searched and put in order by name: folded by stock.search_text, with a space before every word and a tab before the sku.';

CREATE INDEX products_search_words_idx ON stock.products (search_words, sku);
-- The few products that can be low, in the order of the table, with all that is compared.
CREATE INDEX products_reorder_idx ON stock.products (sku) INCLUDE (product_id, reorder_point)
    WHERE reorder_point IS NOT NULL AND archived_at IS NULL;
CREATE INDEX lots_code_idx ON stock.lots (upper(code COLLATE "C"));
DO $$
BEGIN
    -- What is new waits in a list that every search reads from end to end, so the list is kept short.
    EXECUTE format('CREATE INDEX products_search_words_trgm_idx ON stock.products USING gin (search_words %I.gin_trgm_ops) WITH (gin_pending_list_limit = 256)',
                   (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_trgm'));
END;
$$;
