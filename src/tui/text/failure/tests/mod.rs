mod orders;

use std::fmt::{Debug, Display};
use std::fs;
use std::path::Path;

use jiff::civil::date;
use rust_decimal::Decimal;

use super::*;
use crate::domain::entry::{EntryError, EntryFault};
use crate::domain::{
    CodeError, IdError, LocationCode, LockHolder, LotCode, MovementKind, PostingError, PostingId,
    QuantityError, RULE_SENTENCES, Refusal, Sku,
};
use crate::tui::locale::Language;

const ENGLISH: Words = Words::new(Language::English);
const FRENCH: Words = Words::new(Language::French);
const ID: &str = "01930000-0000-7000-8000-000000000001";

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// The names of the variants of an enum, read off its source.
fn variants(file: &str, name: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file);
    let source = fs::read_to_string(path).unwrap();
    let (_, body) = source.split_once(&format!("pub enum {name} {{\n")).unwrap();
    let (body, _) = body.split_once("\n}\n").unwrap();
    let variant = |line: &&str| line.starts_with("    ") && line[4..].starts_with(char::is_uppercase);
    let names = body.lines().filter(variant).map(|line| {
        line.trim().split(|character: char| !character.is_alphanumeric()).next().unwrap().to_owned()
    });
    names.collect()
}

/// Checks that no variant is missing from the samples, that the English is that of the error but for what
/// `adapted` says, and that the French is French and has all the figures.
fn check<E: Debug + Display>(
    known: &[String],
    samples: &[(E, &[&str])],
    say: impl Fn(Words, &E) -> String,
    adapted: impl Fn(String) -> String,
) {
    for name in known {
        let has = samples.iter().any(|(error, _)| {
            format!("{error:?}").split(|character: char| !character.is_alphanumeric()).next() == Some(name)
        });
        assert!(has, "there is no sample of {name}");
    }
    for (error, figures) in samples {
        let (english, french) = (say(ENGLISH, error), say(FRENCH, error));
        assert_eq!(english, adapted(error.to_string()), "{error:?}");
        assert_ne!(english, french);
        assert!(!french.contains(['{', '}']), "{french}");
        for figure in *figures {
            assert!(french.contains(figure), "{figure} is missing from: {french}");
        }
    }
}

/// The English of an error is not changed.
fn as_it_is(text: String) -> String {
    text
}

/// A refusal, and the figures that its words must have.
type Sample = (Refusal, &'static [&'static str]);

fn sku() -> Sku {
    "71053".parse().unwrap()
}

fn location() -> LocationCode {
    "A-01".parse().unwrap()
}

fn lot() -> LotCode {
    "L7".parse().unwrap()
}

/// What the stock does not allow.
fn refusals_of_the_stock() -> Vec<Sample> {
    vec![
        (
            Refusal::InsufficientStock {
                sku: sku(),
                location: location(),
                lot: None,
                have: decimal("1.5"),
                need: decimal("12"),
                expired: decimal("0"),
            },
            &["71053", "A-01", "1,5", "12"],
        ),
        (
            Refusal::InsufficientStock {
                sku: sku(),
                location: location(),
                lot: Some(lot()),
                have: decimal("5"),
                need: decimal("12"),
                expired: decimal("2.5"),
            },
            &["71053", "A-01", "lot L7", "5", "12", "2,5"],
        ),
        (
            Refusal::MovedSinceCounted {
                sku: sku(),
                location: location(),
                lot: None,
                seen: decimal("5"),
                have: decimal("2.5"),
            },
            &["71053", "A-01", "5", "2,5"],
        ),
        (
            Refusal::MovedSinceCounted {
                sku: sku(),
                location: location(),
                lot: Some(lot()),
                seen: decimal("5"),
                have: decimal("2.5"),
            },
            &["71053", "A-01", "lot L7", "5", "2,5"],
        ),
    ]
}

/// What does not fit what there is, and all the rest.
fn other_refusals() -> Vec<Sample> {
    let id = || ID.parse().unwrap();
    vec![
        (Refusal::UnknownProduct("X 9".to_owned()), &["X 9"]),
        (
            Refusal::MonthsMissing { first: date(2010, 1, 1), last: date(2010, 1, 1) },
            &["2010-01", "stockroom db partitions"],
        ),
        (
            Refusal::MonthsMissing { first: date(2010, 1, 1), last: date(2011, 3, 1) },
            &["2010-01", "2011-03", "stockroom db partitions"],
        ),
        (Refusal::UnknownLocation(location()), &["A-01"]),
        (
            Refusal::UnknownBarcode { sku: sku(), barcode: "5000000000012".parse().unwrap() },
            &["71053", "5000000000012"],
        ),
        (Refusal::UnknownLot { sku: sku(), lot: lot() }, &["71053", "L7"]),
        (Refusal::UnknownPartner("ACME".parse().unwrap()), &["ACME"]),
        (Refusal::UnknownMovement(id()), &[ID]),
        (Refusal::AlreadyReversed(id()), &[ID]),
        (Refusal::IdUsedForAnother(ID.parse().unwrap()), &[ID]),
        (Refusal::ProductExists(sku()), &["71053"]),
        (Refusal::LocationExists(location()), &["A-01"]),
        (Refusal::PartnerExists("ACME".parse().unwrap()), &["ACME"]),
        (Refusal::BarcodeExists("96385074".parse().unwrap()), &["96385074"]),
        (
            Refusal::LotExpired { sku: sku(), lot: lot(), expired_on: date(2026, 11, 5) },
            &["71053", "L7", "05/11/2026"],
        ),
        (
            Refusal::LotExpiryDiffers {
                sku: sku(),
                lot: lot(),
                known: Some(date(2026, 11, 5)),
                given: date(2027, 1, 31),
            },
            &["71053", "L7", "05/11/2026", "31/01/2027"],
        ),
        (
            Refusal::LotExpiryDiffers { sku: sku(), lot: lot(), known: None, given: date(2027, 1, 31) },
            &["71053", "L7", "31/01/2027"],
        ),
        (Refusal::Code(CodeError::Empty { what: "the SKU" }), &["le SKU"]),
        (
            Refusal::Quantity(QuantityError::NotANumber { what: "a price", text: "x".to_owned() }),
            &["un prix", "« x »"],
        ),
        (Refusal::Id(IdError::NotAUuid("x".to_owned())), &["« x »"]),
        (Refusal::Posting(PostingError::NoLines), &[]),
        (Refusal::NotAllowed { message: "permission denied".to_owned() }, &["permission denied"]),
        (
            Refusal::Rule {
                rule: "serial_quantity_one".to_owned(),
                message: "71053 is tracked by serial number: one movement moves 1, not 2.5.".to_owned(),
            },
            &["71053", "2,5"],
        ),
    ]
}

#[test]
fn every_refusal() {
    let samples = [refusals_of_the_stock(), orders::refusals_of_orders(), other_refusals()].concat();
    let days = [("2026-11-05", "05 Nov 2026"), ("2027-01-31", "31 Jan 2027")];
    let adapted = |text: String| {
        // What a command line would show has no place here.
        let text = text.split("; `stockroom").next().unwrap_or_default().to_owned();
        days.iter().fold(text, |text, (plain, day)| text.replace(plain, day))
    };
    check(&variants("domain/refusal.rs", "Refusal"), &samples, refusal, adapted);
}

#[test]
fn every_malformed_text() {
    let codes: Vec<(CodeError, &[&str])> = vec![
        (CodeError::Empty { what: "the lot" }, &["le lot"]),
        (
            CodeError::TooLong { what: "the reference", length: 101, length_max: 100 },
            &["la référence", "101", "100"],
        ),
        (
            CodeError::Character {
                what: "the barcode",
                text: "8,02E+12 ".to_owned(),
                found: ' ',
                allowed: "printable ASCII without spaces",
            },
            &["le code-barres", "8,02E+12", "«   »", "l'ASCII imprimable"],
        ),
    ];
    check(&variants("domain/code.rs", "CodeError"), &codes, code, as_it_is);
    let quantities: Vec<(QuantityError, &[&str])> = vec![
        (QuantityError::NotANumber { what: "a quantity", text: "1_0".to_owned() }, &["une quantité", "1_0"]),
        (
            QuantityError::TooSmall { what: "the price", bound: "zero or more", value: decimal("-1.5") },
            &["le prix", "zéro ou plus", "-1,5"],
        ),
        (
            QuantityError::TooLarge {
                what: "the quantity",
                value: decimal("901"),
                value_max: decimal("900"),
            },
            &["la quantité", "901", "900"],
        ),
        (
            QuantityError::TooPrecise { what: "the quantity", value: decimal("0.0625"), decimals_max: 3 },
            &["la quantité", "0,0625", "3"],
        ),
    ];
    check(&variants("domain/quantity.rs", "QuantityError"), &quantities, quantity, as_it_is);
    let other = "9b2d1f0e-6a0c-4c7d-8f0e-1a2b3c4d5e6f";
    let cut = &other[1..];
    let (cut_figures, other_figures) = ([cut], [other]);
    let ids: [(IdError, &[&str]); 2] = [
        (cut.parse::<PostingId>().unwrap_err(), &cut_figures),
        (other.parse::<PostingId>().unwrap_err(), &other_figures),
    ];
    check(&variants("domain/id.rs", "IdError"), &ids, id, as_it_is);
}

#[test]
fn every_malformed_posting() {
    let needed = "one location, either to take from or to put into";
    let samples: Vec<(PostingError, &[&str])> = vec![
        (PostingError::UnknownKind("gift".to_owned()), &["gift"]),
        (PostingError::UnknownTracking("colour".to_owned()), &["colour"]),
        (PostingError::NoLines, &[]),
        (PostingError::TooManyLines { lines: 5_001 }, &["5001", "5000"]),
        (PostingError::NoRoomForLines(ID.parse().unwrap()), &[ID]),
        (
            PostingError::WrongEnds {
                line: 3,
                kind: MovementKind::Adjustment,
                sku: "71053".parse().unwrap(),
                needed,
            },
            &["3", "ajustement", "71053", "un seul emplacement"],
        ),
        (PostingError::ReasonMissing(MovementKind::Reversal), &["annulation"]),
        (PostingError::ReleaseReasonMissing, &[]),
        (PostingError::ReversesMisplaced { line: 4 }, &["4"]),
    ];
    check(&variants("domain/movement.rs", "PostingError"), &samples, posting, as_it_is);
}

#[test]
fn every_entry() {
    let text = str::to_owned;
    let samples: Vec<(EntryFault, &[&str])> = vec![
        (EntryFault::Empty, &[]),
        (EntryFault::TooLong { length: 300, length_max: 200 }, &["300", "200"]),
        (EntryFault::Character { found: '%' }, &["%"]),
        (
            EntryFault::CommaUnclear { joined: "1200".to_owned(), decimal: "1.200".to_owned() },
            &["1200", "1.200"],
        ),
        (EntryFault::UnitDiffers { found: "g".to_owned(), unit: "kg".to_owned() }, &["kg"]),
        (EntryFault::TwoMarks, &[]),
        (EntryFault::DigitMissing, &["0,5"]),
        (EntryFault::NumberMissing, &[]),
        (EntryFault::OperationMissing, &["+ - * ou /"]),
        (EntryFault::BracketNotClosed, &[]),
        (EntryFault::BracketNotOpened, &[]),
        (EntryFault::TooDeep { depth_max: 20 }, &["20"]),
        (EntryFault::TooLarge { value_max: decimal("99.999") }, &["99,999"]),
        (EntryFault::TooPrecise { decimals: 4, decimals_max: 3 }, &["4", "3"]),
        (
            EntryFault::ProductTooPrecise {
                left: decimal("0.25"),
                right: decimal("0.125"),
                product: decimal("0.03125"),
                decimals_max: 3,
            },
            &["0,25", "0,125", "0,03125", "3"],
        ),
        (EntryFault::DividedByZero { dividend: decimal("7.5") }, &["7,5"]),
        (
            EntryFault::NotExact {
                dividend: decimal("10"),
                divisor: decimal("3"),
                quotient: decimal("3.333"),
            },
            &["10", "3", "3,333"],
        ),
        (EntryFault::NotADay, &["31/12", "+30j"]),
        (EntryFault::UnitMissing, &["+30j", "+2s", "+6m", "+1a"]),
        (EntryFault::NoSuchDay { day: 31, month: 4, year: None }, &["31", "4"]),
        (EntryFault::NoSuchDay { day: 29, month: 2, year: Some(2027) }, &["29", "2", "2027"]),
        (EntryFault::NoSuchMonth { month: 13 }, &["13"]),
        (EntryFault::YearOutOfRange { year_min: 2000, year_max: 2100 }, &["2000", "2100"]),
        (EntryFault::YearFirst { day: date(2026, 11, 5) }, &["05/11/2026"]),
        (
            EntryFault::DayUnclear { day: date(2026, 11, 5), month_end: date(2027, 1, 31) },
            &["05/11/2026", "31/01/2027"],
        ),
        (EntryFault::Code(CodeError::Empty { what: "the lot" }), &["le lot"]),
        (EntryFault::SignAlone, &[]),
        (EntryFault::QuoteNotClosed, &[]),
        (EntryFault::SeparatorMissing, &[]),
        (EntryFault::RangeUnclear { first: text("A1"), last: text("9") }, &["A1-9"]),
        (EntryFault::RangeBackwards { first: text("A9"), last: text("A1") }, &["A9", "A1"]),
        (EntryFault::NumberTooLong { digits: 40, digits_max: 18 }, &["40", "18"]),
        (EntryFault::TooMany { count_max: 5_000 }, &["5000"]),
        (EntryFault::Duplicate { code: "SN-1".parse().unwrap(), first: 0..4 }, &["SN-1"]),
    ];
    let say =
        |words: Words, fault: &EntryFault| entry(words, &EntryError { place: 0..0, fault: fault.clone() });
    let adapted = |text: String| {
        let text = text.replace("2026-11-05", "05 Nov 2026").replace("2027-01-31", "31 Jan 2027");
        // The year of a day that does not exist is a figure too.
        if text.ends_with("29 in month 2") { format!("{text} of 2027") } else { text }
    };
    check(&variants("domain/entry/fault.rs", "EntryFault"), &samples, say, adapted);
}

#[test]
fn every_failure() {
    let message = || "no route".to_owned();
    let posting: PostingId = ID.parse().unwrap();
    let holder = LockHolder {
        pid: 4711,
        login: "clerk".to_owned(),
        client: "10.0.0.7".to_owned(),
        since: jiff::Timestamp::UNIX_EPOCH,
        held_seconds: 200,
    };
    let samples = [
        (Failure::Refused(Refusal::UnknownProduct("X".to_owned())), "« X »"),
        (Failure::Conflict { attempts: 20 }, "20"),
        (Failure::Blocked { holders: vec![holder] }, "clerk le retient depuis 200 s"),
        (Failure::Unavailable(message()), "no route"),
        (Failure::OtherVersion { database: Some(28), program: 27 }, "plus récent (28)"),
        (Failure::OutcomeUnknown { posting, message: message() }, "no route"),
        (Failure::NotCollected { seconds: 30 }, "30"),
        (Failure::NotAuditor, "auditeur"),
        (Failure::Other(message()), "no route"),
    ];
    let known = variants("worker/message.rs", "Failure");
    assert_eq!(known.len(), samples.len());
    for ((failure, figure), name) in samples.iter().zip(known) {
        assert!(format!("{failure:?}").starts_with(&name), "there is no sample of {name}");
        let (english, french) = (words(ENGLISH, failure), words(FRENCH, failure));
        assert!(french.contains(figure) && !french.contains('{') && english != french, "{french}");
    }
    for (database, told) in [(Some(26), "older (26)"), (None, "older (?)"), (Some(28), "newer (28)")] {
        let failure = Failure::OtherVersion { database, program: 27 };
        assert!(words(ENGLISH, &failure).contains(told), "{failure:?}");
    }
}

#[test]
fn every_rule_of_the_database() {
    let mut said: Vec<String> = RuleText::ALL.iter().map(|phrase| rule::sentence(*phrase).0).collect();
    let mut sentences: Vec<String> =
        RULE_SENTENCES.iter().map(|(_, sentence)| (*sentence).to_owned()).collect();
    said.sort();
    sentences.sort();
    assert_eq!(said, sentences);
    for (name, sentence) in RULE_SENTENCES {
        // Figures that no sentence holds by itself, each another one.
        let figures = ["Q1", "Q2", "Q3", "Q4", "Q5"];
        let message =
            figures.iter().fold((*sentence).to_owned(), |text, figure| text.replacen("{}", figure, 1));
        let count = sentence.matches("{}").count();
        assert_eq!(rule(ENGLISH, name, &message), message);
        let french = rule(FRENCH, name, &message);
        assert_ne!(french, message);
        for figure in &figures[..count] {
            assert!(french.contains(figure), "{figure} is missing from: {french}");
        }
    }
}

#[test]
fn figures_and_words_within_a_rule_are_those_of_the_language() {
    let message = "A reservation needs a SERIALIZABLE transaction; this one is READ COMMITTED.";
    let french = rule(FRENCH, "posting_is_serializable", message);
    assert!(french.starts_with("Une réservation") && french.contains("READ COMMITTED"), "{french}");
    let message = "71053 is counted in pcs with 0 decimal places; 1234.5 has more.";
    let french = rule(FRENCH, "quantity_decimals", message);
    assert_eq!(french, "71053 se compte en pcs avec 0 décimales ; 1\u{202F}234,5 en a plus.");
    let message = "71053 is tracked by serial number, so one must be named.";
    let french = rule(FRENCH, "lot_required", message);
    assert_eq!(french, "71053 est suivi par numéro de série ; il faut en indiquer un.");
    let unknown = "new row for relation \"lots\" violates check constraint \"lots_code_form\"";
    assert_eq!(rule(ENGLISH, "lots_code_form", unknown), unknown);
    let french = rule(FRENCH, "lots_code_form", unknown);
    assert!(french.contains("lots_code_form") && french.ends_with(unknown), "{french}");
}

/// The words that errors hold in English must be those that stand in the domain.
#[test]
fn the_terms_are_those_of_the_domain() {
    let source = |file: &str| {
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/domain").join(file)).unwrap()
    };
    let forms = source("code.rs") + &source("quantity.rs");
    for term in form::TERMS {
        assert!(forms.contains(&format!("\"{}\"", term.0)), "nothing says {:?}", term.0);
    }
    let known = |english: &str| form::TERMS.iter().any(|term| term.0 == english);
    for field in ["what: \"", "allowed: \"", "bound: \"", "let what = \"", "parse_plain(\""] {
        for part in forms.split(field).skip(1) {
            let (english, _) = part.split_once('"').unwrap();
            assert!(known(english), "{english:?} has no French");
        }
    }
    let ends = MovementKind::ALL.map(|kind| kind.rules().ends.in_words());
    assert_eq!(ends, posting::TERMS.map(|term| term.0));
}
