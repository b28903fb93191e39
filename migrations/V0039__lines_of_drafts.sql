-- The author of a draft may remove its lines. Nothing refers to a line of a draft: stock is reserved, moved and decided about
-- for confirmed orders only. Its sums go with it, and its removal stays in the sealed history.

CREATE OR REPLACE FUNCTION stock.check_order_line() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off
AS $$
DECLARE
    line stock.order_lines;
    of_order record;
    product record;
BEGIN
    IF TG_OP = 'DELETE' THEN
        line := OLD;
    ELSE
        line := NEW;
    END IF;
    PERFORM stock.refuse_unfit_posting('An order', session_user, pg_current_xact_id(), now(), line.order_line_id);
    SELECT o.number, o.kind, o.created_by, EXISTS (SELECT FROM stock.order_events e WHERE e.order_id = o.order_id) AS has_events
    INTO of_order FROM stock.orders o WHERE o.order_id = line.order_id;
    IF NOT FOUND THEN
        RETURN line; -- The foreign key refuses it.
    END IF;
    IF NOT of_order.has_events AND of_order.created_by <> session_user OR of_order.has_events AND (TG_OP <> 'INSERT' OR NOT EXISTS (
        SELECT FROM stock.order_events e
        WHERE e.order_id = line.order_id AND e.order_line_id = line.order_line_id AND e.kind = 'line_added' AND e.xid = pg_current_xact_id()))
    THEN
        RAISE EXCEPTION '% can be changed only by its author, %, and only while it is a draft.', of_order.number, of_order.created_by
            USING ERRCODE = 'SR003', CONSTRAINT = 'draft_changed_by_author',
                  HINT = 'A line is added to a confirmed order after an event line_added with its id, in the same transaction.';
    END IF;
    IF TG_OP = 'DELETE' THEN
        -- Before the line itself, which the sums refer to.
        DELETE FROM stock.order_progress WHERE order_line_id = OLD.order_line_id;
        RETURN OLD;
    END IF;
    SELECT p.sku, p.unit, p.decimals, p.tracking, p.archived_at INTO product FROM stock.products p WHERE p.product_id = NEW.product_id;
    IF NEW.quantity <> round(NEW.quantity, product.decimals) THEN
        PERFORM stock.refuse_movement('quantity_decimals', product.sku, product.unit, product.decimals::integer, product.tracking, NEW.quantity, NULL, NULL);
    ELSIF product.archived_at IS NOT NULL AND of_order.kind = 'purchase' THEN
        PERFORM stock.refuse_movement('product_archived', product.sku, product.unit, product.decimals::integer, product.tracking, NEW.quantity, NULL, NULL);
    END IF;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION stock.check_order_line() IS 'Refuses lines that are not the author''s in a draft, nor added to a confirmed order by an event, and removes the sums of a line with the line.';

CREATE OR REPLACE TRIGGER check_order_line BEFORE INSERT OR UPDATE OR DELETE ON stock.order_lines FOR EACH ROW EXECUTE FUNCTION stock.check_order_line();
CREATE OR REPLACE TRIGGER refuse_change BEFORE TRUNCATE ON stock.order_lines
    FOR EACH STATEMENT EXECUTE FUNCTION stock.refuse_change();
ALTER TABLE stock.order_lines ENABLE ALWAYS TRIGGER check_order_line;
ALTER TABLE stock.order_lines ENABLE ALWAYS TRIGGER refuse_change;
COMMENT ON TABLE stock.order_lines IS 'What is ordered: one product and quantity per line. The author of a draft adds, changes and removes its lines; after confirmation the quantity is changed by events only.';
COMMENT ON COLUMN stock.order_lines.line_no IS 'Position on the order, from 1. Where lines of a draft were removed, numbers are missing.';

GRANT DELETE ON stock.order_lines TO stock_clerk, stock_admin;
