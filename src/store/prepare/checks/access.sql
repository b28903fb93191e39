-- The lines of pg_hba.conf, as they will be after the next reload. The first line that fits a connection decides.
WITH line AS (
    SELECT h.*, array_to_string(h.database, ',') AS databases, array_to_string(h.user_name, ',') AS users,
        h.type <> 'local' AND NOT (coalesce(h.address, '') ~ '^127\.' OR coalesce(h.address, '') IN ('::1', 'localhost', 'samehost')) AS is_remote,
        h.type <> 'local' AND (h.address = 'all' OR h.netmask IN ('0.0.0.0', '::')) AS is_anywhere,
        'pg_hba.conf line ' || h.line_number AS subject,
        format('%s database %s user %s%s', h.type, array_to_string(h.database, ','), array_to_string(h.user_name, ','), ' from ' || h.address) AS words
    FROM pg_hba_file_rules h
)
SELECT 'unsafe', subject, 'cannot be read: ' || error, 'correct the line, then reload' FROM line WHERE error IS NOT NULL
UNION ALL
SELECT 'unsafe', subject, words || ': ' || p.weakness, p.remedy || ' in this line, then reload'
FROM line JOIN (VALUES
    ('trust', 'anybody who can connect is let in without a password', 'scram-sha-256'),
    ('password', 'the password is sent in clear text', 'scram-sha-256'),
    ('md5', 'accepts MD5 hashes, which can be used in place of the password', 'scram-sha-256'),
    ('ident', 'believes what the client''s machine says about its user', 'scram-sha-256'),
    ('bsd', 'the password is sent in clear text', 'scram-sha-256'),
    ('pam', 'the password is sent to the server in clear text', 'scram-sha-256'),
    ('ldap', 'the password is sent to the server in clear text', 'scram-sha-256'),
    ('radius', 'the password is sent to the server in clear text', 'scram-sha-256')) AS p (method, weakness, remedy) ON p.method = auth_method
UNION ALL
SELECT 'unsafe', subject, words || ': a map (' || o || ') lets a user of the operating system log in under another name', 'remove the map, or use scram-sha-256, then reload'
FROM line CROSS JOIN unnest(options) AS o WHERE o LIKE 'map=%' AND auth_method IN ('peer', 'ident', 'cert', 'gss', 'sspi')
UNION ALL
SELECT 'unsafe', subject, words || ': connections from other machines without TLS', 'hostssl in place of ' || type || ', then reload'
FROM line WHERE is_remote AND type IN ('host', 'hostnossl', 'hostnogssenc') AND auth_method <> 'reject' AND NOT 'replication' = ANY (database)
UNION ALL
SELECT CASE WHEN is_anywhere OR type IN ('host', 'hostnossl', 'hostnogssenc') THEN 'unsafe' ELSE 'advice' END, subject,
    words || ': whoever logs in can copy the whole server' || CASE WHEN is_anywhere THEN ', from anywhere' ELSE '' END, 'name the standby''s address and its login in a hostssl line, or remove the line, then reload'
FROM line WHERE is_remote AND 'replication' = ANY (database) AND auth_method <> 'reject'
UNION ALL
SELECT 'advice', subject, words || ': every login, superusers too, may come from anywhere', 'name the addresses, or add a line above it that rejects superusers, then reload'
FROM line WHERE is_anywhere AND 'all' = ANY (user_name) AND auth_method <> 'reject' AND NOT 'replication' = ANY (database)
