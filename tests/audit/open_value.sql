WITH given (key, wrapped, value) AS (
    VALUES (decode(':key', 'base64'), decode(':wrapped', 'hex'), decode(':value', 'hex'))
), places (wrapping, field) AS (
    VALUES (convert_to(concat_ws('|', 'data_keys', 'wrapped', 'partner', 'C1', ':id', '1', ''), 'UTF8'),
            convert_to(concat_ws('|', 'partners', 'email', 'partner', 'C1', ':id', ''), 'UTF8'))
), associated (wrapping, field) AS (
    -- The parts are ended by zero bytes, which a text cannot hold.
    SELECT decode(replace(encode(wrapping, 'hex'), '7c', '00'), 'hex'), decode(replace(encode(field, 'hex'), '7c', '00'), 'hex') FROM places
), data_key (key) AS (
    SELECT decrypt_iv(substr(wrapped, 18, 80), substr(key, 33, 32), substr(wrapped, 2, 16), 'aes-cbc/pad:pkcs')
    FROM given, associated
    WHERE substr(hmac(wrapping || substr(wrapped, 2, 96) || int8send(octet_length(wrapping) * 8::bigint), substr(key, 1, 32), 'sha512'), 1, 32)
        = substr(wrapped, 98, 32)
)
SELECT convert_from(decrypt_iv(substr(value, 34, octet_length(value) - 65), substr(data_key.key, 33, 32), substr(value, 18, 16), 'aes-cbc/pad:pkcs'), 'UTF8')
FROM given, associated, data_key
WHERE substr(hmac(field || substr(value, 18, octet_length(value) - 49) || int8send(octet_length(field) * 8::bigint), substr(data_key.key, 1, 32), 'sha512'), 1, 32)
    = substr(value, octet_length(value) - 31, 32)
