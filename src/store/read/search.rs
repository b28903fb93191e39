//! Search as you type: over SKU, barcode, lot, location and name, exact codes first.
//!
//! The first statement finds what indexes of codes and names can answer at once. Only if that does not fill the answer,
//! a second one searches for the words within names: first in a sample of the catalogue, which is enough for common
//! words, then by trigrams, which are fast for rare ones. So neither kind is ever slow, and no plan depends on what was
//! typed: every value reaches the planner as unknown.

use std::collections::HashMap;

use tokio_postgres::Row;

use super::browse::{self, Narrowed, ON_HAND, PRODUCT_COLUMNS, ROW_COLUMNS, few_levels};
use super::query::Query;
use crate::domain::{Found, Matched, MatchedStock, StockRow, StockSelection};
use crate::store::connection::Connection;
use crate::store::row::{self, FromRow};
use crate::store::{Error, Store};

/// The most rows of one answer.
pub const FOUND_MAX: u16 = 200;
/// The longest text that is searched for, in characters; a scanner that types into the wrong field may send more.
pub const SEARCH_LENGTH_MAX: usize = 200;
/// How many products of the catalogue the sample has; a few milliseconds.
const SAMPLE: usize = 4_000;
/// How many products of one rank are examined if a filter may reject them. A longer text finds those that a short one
/// does not.
const FILTERED_REACH: usize = 1_000;
/// At a location with at most this many levels, every product is examined by itself.
const LEVELS_JUDGED_MAX: u32 = 2_000;
/// How many locations whose code begins with the text are searched.
const PLACES_MAX: usize = 200;

/// The text in the forms that the statements need.
struct Asked {
    /// As typed, without spaces at either end.
    typed: String,
    /// In upper case, as codes are stored.
    upper: String,
    /// The end of the range of codes that begin with `upper`.
    upper_end: String,
}

/// Greater than any character that a code or name contains, so that everything that begins with a text sorts before the
/// text followed by this character.
const LAST_CHARACTER: char = '\u{10FFFF}';

impl Asked {
    fn new(text: &str) -> Option<Self> {
        let typed: String =
            text.trim().chars().filter(|letter| !letter.is_control()).take(SEARCH_LENGTH_MAX).collect();
        if typed.is_empty() {
            return None;
        }
        let upper = typed.to_ascii_uppercase();
        let upper_end = format!("{upper}{LAST_CHARACTER}");
        Some(Self { typed, upper, upper_end })
    }
}

impl Store {
    /// Finds products by SKU, barcode, lot, location and name, ordered by how well the text matches: exact SKU,
    /// barcode, location, lot; SKU, barcode, lot, location, name that begin with it; names with words that begin with
    /// its words, in any order; the words anywhere in SKU or name, those of one or two letters at the beginning of
    /// words. No product appears twice.
    ///
    /// # Errors
    /// [`Refusal::UnknownLocation`](crate::domain::Refusal::UnknownLocation) for the location of the selection; and as
    /// any read.
    pub async fn search(
        &self,
        text: &str,
        selection: &StockSelection,
        limit: u16,
    ) -> Result<Vec<Found>, Error> {
        let Some(asked) = Asked::new(text) else { return Ok(Vec::new()) };
        let limit = usize::from(limit.clamp(1, FOUND_MAX));
        let within = match &selection.location {
            Some(code) => Some(self.places_within(code).await?),
            None => None,
        };
        let narrowed = Narrowed { within, only: selection.only };
        let connection = self.connection().await?;
        if let Some(places) = &narrowed.within
            && few_levels(&connection, places, LEVELS_JUDGED_MAX).await?
        {
            let mut answer = found(&within_few(&asked, &narrowed, limit).run(&connection).await?, limit)?;
            add_matched_stock(&connection, &mut answer).await?;
            return Ok(answer);
        }
        let rows = by_codes(&asked, &narrowed, limit).run(&connection).await?;
        let mut known: Vec<i64> = Vec::with_capacity(rows.len());
        for row in &rows {
            known.push(row.try_get("product_id")?);
        }
        let mut answer = found(&rows, limit)?;
        add_matched_stock(&connection, &mut answer).await?;
        if answer.len() < limit && asked.typed.chars().any(char::is_alphanumeric) {
            let rows = by_words(&asked, &narrowed, limit, known).run(&connection).await?;
            let wanted = limit - answer.len();
            answer.extend(found(&rows, wanted)?);
        }
        Ok(answer)
    }
}

impl FromRow for Found {
    fn from_row(row: &Row) -> Result<Self, tokio_postgres::Error> {
        let matched = match row.try_get("rank")? {
            rank::SKU | rank::SKU_PREFIX | rank::SKU_WITHIN => Matched::Sku,
            rank::BARCODE | rank::BARCODE_PREFIX => Matched::Barcode(row.try_get("matched")?),
            rank::LOCATION | rank::LOCATION_PREFIX => Matched::Location(row.try_get("matched")?),
            rank::LOT | rank::LOT_PREFIX => Matched::Lot(row.try_get("matched")?),
            _ => Matched::Name,
        };
        Ok(Self { row: StockRow::from_row(row)?, matched, matched_stock: None })
    }
}

fn found(rows: &[Row], limit: usize) -> Result<Vec<Found>, Error> {
    row::all(&rows[..rows.len().min(limit)])
}

/// Adds the matching stock to products that were found by a location or lot.
async fn add_matched_stock(connection: &Connection, found: &mut [Found]) -> Result<(), Error> {
    let code = |found: &Found| match &found.matched {
        Matched::Location(code) => Some((code.to_string(), false)),
        Matched::Lot(code) => Some((code.to_string(), true)),
        Matched::Sku | Matched::Barcode(_) | Matched::Name => None,
    };
    let (mut skus, mut codes, mut lots) = (Vec::new(), Vec::new(), Vec::new());
    for found in found.iter_mut() {
        if let Some((code, is_lot)) = code(found) {
            found.matched_stock = Some(MatchedStock::default());
            skus.push(found.row.sku.to_string());
            codes.push(code);
            lots.push(is_lot);
        }
    }
    if skus.is_empty() {
        return Ok(());
    }
    let mut query = Query::of(include_str!("matched_stock.sql"));
    query.bind(skus);
    query.bind(codes);
    query.bind(lots);
    let mut stock: HashMap<String, MatchedStock> = HashMap::new();
    for row in &query.run(connection).await? {
        let matched = MatchedStock {
            on_hand: row::plain(row.try_get("on_hand")?),
            available: row::plain(row.try_get("available")?),
            expires_on: row.try_get("expires_on")?,
        };
        stock.insert(row.try_get("sku")?, matched);
    }
    for found in found.iter_mut().filter(|found| found.matched_stock.is_some()) {
        found.matched_stock = Some(stock.get(found.row.sku.as_str()).copied().unwrap_or_default());
    }
    Ok(())
}

/// How well a text matches; the lowest is the best. The numbers appear in the statements.
mod rank {
    pub const SKU: i32 = 0;
    pub const BARCODE: i32 = 1;
    pub const LOCATION: i32 = 2;
    pub const LOT: i32 = 3;
    pub const SKU_PREFIX: i32 = 4;
    pub const BARCODE_PREFIX: i32 = 5;
    pub const LOT_PREFIX: i32 = 6;
    pub const LOCATION_PREFIX: i32 = 7;
    pub const NAME_PREFIX: i32 = 8;
    pub const WORDS: i32 = 9;
    pub const SKU_WITHIN: i32 = 10;
    pub const NAME_WITHIN: i32 = 11;
}

/// The folded text with the space before it that every word in `search_words` has. Null if it contains no letter or
/// digit.
fn name_prefix(typed: &str) -> String {
    format!("(' ' || nullif(btrim(stock.search_text({typed}::text)), ''))")
}

/// How many candidates each rank returns: enough for the answer, and more if a filter may reject some.
fn reach(narrowed: &Narrowed, limit: usize) -> usize {
    if narrowed.is_all() { limit.next_power_of_two().max(64) } else { FILTERED_REACH }
}

/// The ranks that indexes of codes and of the beginning of names answer.
fn by_codes(asked: &Asked, narrowed: &Narrowed, limit: usize) -> Query {
    let mut query = Query::default();
    let typed = query.bind(asked.typed.clone());
    let upper = query.bind(asked.upper.clone());
    let end = query.bind(asked.upper_end.clone());
    let keep = browse::condition(&mut query, narrowed);
    let reach = reach(narrowed, limit);
    let name = name_prefix(&typed);
    let rows = limit.next_power_of_two().max(64);
    // For locations: first the locations, one after another, and of each its levels. OFFSET and LIMIT keep the planner
    // from joining whole tables instead.
    let standing = |rank: i32, first: &str| {
        format!(
            "(WITH RECURSIVE within (location_id, code) AS (
                  ({first})
                  UNION
                  SELECT l.location_id, w.code FROM within w CROSS JOIN LATERAL (
                      SELECT location_id FROM stock.locations WHERE parent_id = w.location_id OFFSET 0) AS l
              )
              SELECT {rank}, w.code, s.product_id, w.code
              FROM within w CROSS JOIN LATERAL (
                  SELECT l.product_id FROM stock.stock_levels l
                  WHERE l.location_id = w.location_id AND l.on_hand > 0 LIMIT {reach}) AS s
              LIMIT {reach})"
        )
    };
    let in_place = standing(
        rank::LOCATION,
        &format!("SELECT location_id, code FROM stock.locations WHERE code = {upper}"),
    );
    let in_places = standing(
        rank::LOCATION_PREFIX,
        &format!(
            "SELECT location_id, code FROM stock.locations WHERE code > {upper} AND code < {end} ORDER BY code LIMIT {PLACES_MAX}"
        ),
    );
    query.text = format!(
        "WITH hits (rank, matched, product_id, place) AS MATERIALIZED (
             (SELECT {sku}, NULL::text, product_id, sku FROM stock.products WHERE sku = {upper})
             UNION ALL
             (SELECT {barcode}, barcode, product_id, barcode FROM stock.barcodes WHERE barcode IN ({typed}, {upper}))
             UNION ALL {in_place} UNION ALL
             (SELECT {lot}, code, product_id, code FROM stock.lots WHERE upper(code COLLATE \"C\") = {upper} LIMIT {reach})
             UNION ALL
             (SELECT {sku_prefix}, NULL, product_id, sku FROM stock.products
              WHERE sku > {upper} AND sku < {end} AND archived_at IS NULL ORDER BY sku LIMIT {reach})
             UNION ALL
             (SELECT {barcode_prefix}, barcode, product_id, barcode FROM stock.barcodes
              WHERE barcode > {upper} AND barcode < {end} ORDER BY barcode LIMIT {reach})
             UNION ALL
             (SELECT {lot_prefix}, code, product_id, upper(code COLLATE \"C\") FROM stock.lots
              WHERE upper(code COLLATE \"C\") > {upper} AND upper(code COLLATE \"C\") < {end} ORDER BY upper(code COLLATE \"C\") LIMIT {reach})
             UNION ALL {in_places} UNION ALL
             (SELECT {name_prefix}, NULL, product_id, search_words FROM stock.products
              WHERE search_words >= {name} AND search_words < {name} || '{LAST_CHARACTER}' AND archived_at IS NULL
              ORDER BY search_words LIMIT {reach})
         ), best AS MATERIALIZED (
             SELECT DISTINCT ON (product_id) rank, matched, product_id, place FROM hits ORDER BY product_id, rank, place
         )
         SELECT {ROW_COLUMNS}, p.product_id, p.rank, p.matched
         FROM (SELECT {PRODUCT_COLUMNS}, best.rank, best.matched, best.place FROM best JOIN stock.products p USING (product_id)
               WHERE p.archived_at IS NULL AND {keep} ORDER BY best.rank, best.place COLLATE \"C\", p.sku LIMIT {rows}) AS p
         {ON_HAND} ORDER BY p.rank, p.place COLLATE \"C\", p.sku",
        sku = rank::SKU,
        barcode = rank::BARCODE,
        lot = rank::LOT,
        sku_prefix = rank::SKU_PREFIX,
        barcode_prefix = rank::BARCODE_PREFIX,
        lot_prefix = rank::LOT_PREFIX,
        name_prefix = rank::NAME_PREFIX,
    );
    query
}

/// Trigrams do not find a word with fewer letters than this, except at the beginning of a word.
const TRIGRAM_LETTERS: usize = 3;

/// The pattern for a word within a name: any part of it, or only the beginning of a word if it is short.
fn part(word: &str) -> String {
    format!("CASE WHEN length({word}) < {TRIGRAM_LETTERS} THEN ' ' ELSE '' END || {word}")
}

/// The words of the text, folded, and the first four as patterns: at the beginning of a word, and as a [`part`]. A text
/// of fewer words repeats its first. The planner sees them as unknown values; four of them make it expect very few
/// rows, and so use the trigrams.
fn patterns(typed: &str) -> String {
    let word = |number: usize| format!("coalesce(w.words[{number}], w.words[1])");
    let columns: Vec<String> = (1..=4)
        .map(|number| {
            let word = word(number);
            let part = part(&word);
            format!("'% ' || {word} || '%' AS begins_{number}, '%' || {part} || '%' AS holds_{number}")
        })
        .collect();
    format!(
        "asked AS MATERIALIZED (
             SELECT w.words, (SELECT max(length(one)) FROM unnest(w.words) AS one) AS longest, {}
             FROM (SELECT array_remove(string_to_array(stock.search_text({typed}::text), ' '), '') AS words) AS w)",
        columns.join(", ")
    )
}

fn like_all(pattern: &str) -> String {
    let each: Vec<String> =
        (1..=4).map(|number| format!("p.search_words LIKE (SELECT {pattern}_{number} FROM asked)")).collect();
    each.join(" AND ")
}

/// The ranks that match words within names and parts of words, without the products found already.
fn by_words(asked: &Asked, narrowed: &Narrowed, limit: usize, known: Vec<i64>) -> Query {
    let mut query = Query::default();
    let typed = query.bind(asked.typed.clone());
    let upper = query.bind(asked.upper.clone());
    let known = query.bind(known);
    let keep = browse::condition(&mut query, narrowed);
    let reach = reach(narrowed, limit);
    let rows = limit.next_power_of_two().max(64);
    let all_words = |word: &str| {
        format!(
            "NOT EXISTS (SELECT FROM unnest((SELECT words FROM asked)) AS one WHERE strpos(p.search_words, {word}) = 0)"
        )
    };
    let columns = "p.product_id, p.sku, p.search_words";
    let sample = format!("(SELECT * FROM stock.products ORDER BY product_id LIMIT {SAMPLE}) AS p");
    let open = format!("p.archived_at IS NULL AND p.product_id <> ALL ({known})");
    let (begins, holds) = (like_all("begins"), like_all("holds"));
    let (words_begin, words_hold) = (all_words("' ' || one"), all_words(&part("one")));
    query.text = format!(
        "WITH {asked},
         sampled AS MATERIALIZED (
             SELECT {columns} FROM {sample} WHERE {open} AND {begins} AND {words_begin} LIMIT {reach}),
         words AS MATERIALIZED (
             SELECT {columns} FROM stock.products p
             WHERE (SELECT count(*) FROM sampled) < {limit} AND {open} AND {begins} AND {words_begin} LIMIT {reach}),
         worded AS MATERIALIZED (SELECT * FROM sampled UNION SELECT * FROM words),
         parts_sampled AS MATERIALIZED (
             SELECT {columns} FROM {sample}
             WHERE (SELECT count(*) FROM worded) < {limit} AND (SELECT longest FROM asked) >= {TRIGRAM_LETTERS}
               AND {open} AND {holds} AND {words_hold} LIMIT {reach}),
         parts AS MATERIALIZED (
             SELECT {columns} FROM stock.products p
             WHERE (SELECT count(*) FROM worded) + (SELECT count(*) FROM parts_sampled) < {limit} AND (SELECT longest FROM asked) >= {TRIGRAM_LETTERS}
               AND {open} AND {holds} AND {words_hold} LIMIT {reach}),
         hits AS MATERIALIZED (
             SELECT {ranked} AS rank, w.* FROM worded w
             UNION ALL
             SELECT CASE WHEN strpos(w.sku, {upper}) > 0 THEN {sku_within} ELSE {name_within} END, w.*
             FROM (SELECT * FROM parts_sampled UNION SELECT * FROM parts) AS w
             WHERE w.product_id NOT IN (SELECT product_id FROM worded))
         SELECT {ROW_COLUMNS}, p.product_id, p.rank, NULL::text AS matched
         FROM (SELECT {PRODUCT_COLUMNS}, h.rank FROM hits h JOIN stock.products p USING (product_id)
               WHERE {keep} ORDER BY h.rank, p.search_words, p.sku LIMIT {rows}) AS p
         {ON_HAND} ORDER BY p.rank, p.search_words, p.sku",
        asked = patterns(&typed),
        ranked = rank::WORDS,
        sku_within = rank::SKU_WITHIN,
        name_within = rank::NAME_WITHIN,
    );
    query
}

/// All ranks at once, among the few products of a location.
fn within_few(asked: &Asked, narrowed: &Narrowed, limit: usize) -> Query {
    let mut query = Query::default();
    let typed = query.bind(asked.typed.clone());
    let upper = query.bind(asked.upper.clone());
    let set = browse::narrowest(&mut query, narrowed, true);
    // The set is that of the location; only the filter remains to be checked.
    let keep = browse::condition(&mut query, &Narrowed { within: None, only: narrowed.only });
    let places = query.bind(narrowed.within.clone());
    let name = name_prefix(&typed);
    let rows = limit.next_power_of_two().max(64);
    query.text = format!(
        "WITH {asked},
         chosen AS MATERIALIZED ({set}),
         ranked AS MATERIALIZED (
             SELECT {PRODUCT_COLUMNS}, b.barcode, lot.code AS lot, place.code AS location,
                 CASE WHEN p.sku = {upper} THEN {sku}
                      WHEN b.barcode IN ({typed}, {upper}) THEN {barcode}
                      WHEN place.code = {upper} THEN {location}
                      WHEN upper(lot.code COLLATE \"C\") = {upper} THEN {lot}
                      WHEN starts_with(p.sku, {upper}) THEN {sku_prefix}
                      WHEN b.barcode IS NOT NULL THEN {barcode_prefix}
                      WHEN lot.code IS NOT NULL THEN {lot_prefix}
                      WHEN place.code IS NOT NULL THEN {location_prefix}
                      WHEN starts_with(p.search_words, {name}) THEN {name_prefix}
                      WHEN a.words = '{{}}' THEN NULL
                      WHEN NOT EXISTS (SELECT FROM unnest(a.words) AS one WHERE strpos(p.search_words, ' ' || one) = 0) THEN {words}
                      WHEN a.longest < {TRIGRAM_LETTERS} THEN NULL
                      WHEN strpos(p.sku, {upper}) > 0 THEN {sku_within}
                      WHEN NOT EXISTS (SELECT FROM unnest(a.words) AS one WHERE strpos(p.search_words, {part}) = 0) THEN {name_within}
                 END AS rank
             FROM chosen JOIN stock.products p USING (product_id) CROSS JOIN asked a
             LEFT JOIN LATERAL (SELECT barcode FROM stock.barcodes b
                 WHERE b.product_id = p.product_id AND (starts_with(b.barcode, {upper}) OR b.barcode = {typed})
                 ORDER BY length(b.barcode), b.barcode LIMIT 1) AS b ON true
             LEFT JOIN LATERAL (SELECT code FROM stock.lots lot
                 WHERE lot.product_id = p.product_id AND starts_with(upper(lot.code COLLATE \"C\"), {upper})
                 ORDER BY length(lot.code), lot.code LIMIT 1) AS lot ON true
             LEFT JOIN LATERAL (SELECT code FROM stock.stock_levels l JOIN stock.locations place USING (location_id)
                 WHERE l.product_id = p.product_id AND l.on_hand > 0 AND l.location_id = ANY ({places}::bigint[])
                   AND starts_with(place.code, {upper})
                 ORDER BY length(code), code LIMIT 1) AS place ON true
             WHERE p.archived_at IS NULL AND {keep})
         SELECT {ROW_COLUMNS}, p.product_id, p.rank,
             CASE WHEN p.rank IN ({barcode}, {barcode_prefix}) THEN p.barcode WHEN p.rank IN ({lot}, {lot_prefix}) THEN p.lot ELSE p.location END AS matched
         FROM (SELECT * FROM ranked WHERE rank IS NOT NULL ORDER BY rank, search_words, sku LIMIT {rows}) AS p
         {ON_HAND} ORDER BY p.rank, p.search_words, p.sku",
        asked = patterns(&typed),
        part = part("one"),
        sku = rank::SKU,
        barcode = rank::BARCODE,
        location = rank::LOCATION,
        lot = rank::LOT,
        sku_prefix = rank::SKU_PREFIX,
        barcode_prefix = rank::BARCODE_PREFIX,
        lot_prefix = rank::LOT_PREFIX,
        location_prefix = rank::LOCATION_PREFIX,
        name_prefix = rank::NAME_PREFIX,
        words = rank::WORDS,
        sku_within = rank::SKU_WITHIN,
        name_within = rank::NAME_WITHIN,
    );
    query
}
