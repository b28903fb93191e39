-- What is about to run full. NOTIFY cannot be revoked, only the function pg_notify; a session that listens and stays in a transaction
-- keeps everything that is sent meanwhile, and when the queue is full, commits that notify fail.
SELECT 'advice', 'notification queue', format('%s %% full: it keeps what the slowest listening session has not read', round((pg_notification_queue_usage() * 100)::numeric, 1)),
    coalesce((SELECT format('SELECT pg_terminate_backend(%s), which ends the oldest transaction: %s, from %s, since %s',
                            a.pid, coalesce(a.usename, 'unknown'), coalesce(host(a.client_addr), 'local'), a.xact_start)
              FROM pg_stat_activity a
              WHERE a.backend_type = 'client backend' AND a.xact_start IS NOT NULL AND a.pid <> pg_backend_pid()
              ORDER BY a.xact_start LIMIT 1),
             'run LISTEN and NOTIFY once in each database that uses them, so that what was read is released')
-- One part in a hundred is 80 MB.
WHERE pg_notification_queue_usage() > 0.01
