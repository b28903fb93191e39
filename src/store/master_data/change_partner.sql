UPDATE stock.partners SET
    name = CASE WHEN $2 THEN $3 ELSE name END,
    contact_name = CASE WHEN $4 THEN $5 ELSE contact_name END,
    email = CASE WHEN $6 THEN $7 ELSE email END,
    telephone = CASE WHEN $8 THEN $9 ELSE telephone END,
    address = CASE WHEN $10 THEN $11 ELSE address END,
    tax_number = CASE WHEN $12 THEN $13 ELSE tax_number END,
    note = CASE WHEN $14 THEN $15 ELSE note END
WHERE code = $1
