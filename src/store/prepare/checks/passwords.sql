-- Passwords that are stored in a form that is too weak. Only a few roles may look at pg_authid.
SELECT 'unsafe', 'password of ' || login, weakness, format('give it a new password, with password_encryption = ''scram-sha-256''; as a superuser: \password %s', login)
FROM audit.weak_passwords()
