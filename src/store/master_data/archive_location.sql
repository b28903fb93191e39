WITH wanted AS (
    SELECT location_id, (archived_at IS NULL) = $2 AS differs FROM stock.locations WHERE code = $1
), changed AS (
    UPDATE stock.locations AS l SET archived_at = CASE WHEN $2 THEN now() END
    FROM wanted w WHERE l.location_id = w.location_id AND w.differs
)
SELECT w.differs AS changed, 0::numeric AS on_hand FROM wanted w
