use proptest::prelude::*;
use rust_decimal::Decimal;

use super::Clerk;
use crate::domain::MovementKind;
use crate::tui::locale::Language;
use crate::worker::message::{Failure, Report};
use crate::worker::query::Question;

#[test]
fn a_scan_is_a_line_at_once_and_the_same_again_is_one_more() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    clerk.keys("71053<enter>");
    assert_eq!(clerk.lines(), ["71053 …"]);
    clerk.answer();
    assert_eq!(clerk.lines(), ["1 71053"]);
    clerk.type_in("85123A<enter>71053<enter>71053<enter>");
    assert_eq!(clerk.lines(), ["3 71053", "1 85123A"]);
    assert_eq!(clerk.desk.bells, 0);
}

#[test]
fn two_hundred_scans_in_one_burst_count_exactly() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    for round in 0..200 {
        clerk.keys(["71053<enter>", "85123A<enter>", "50712345<enter>", "RICE<enter>"][round % 4]);
    }
    assert_eq!(clerk.lines().len(), 200, "every scan is in sight before any answer");
    let questions = clerk.questions();
    assert_eq!(questions.iter().filter(|(_, question)| matches!(question, Question::Scan(_))).count(), 200);
    for (ticket, question) in &questions {
        clerk.answer_one(*ticket, question);
    }
    clerk.answer();
    // 50 of one, 50 of the other, and 50 packs of six of the first.
    assert_eq!(clerk.lines(), ["350 71053", "50 85123A", "50 RICE"]);
    assert_eq!(clerk.desk.bells, 0);
}

#[test]
fn answers_in_any_order_count_in_the_order_of_the_scans() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    clerk.keys("85123A<enter>71053<enter>RICE<enter>71053<enter>");
    let questions = clerk.questions();
    for (ticket, question) in questions.iter().rev() {
        clerk.answer_one(*ticket, question);
    }
    clerk.answer();
    assert_eq!(clerk.lines(), ["1 85123A", "2 71053", "1 RICE"]);
}

#[test]
fn packs_and_multiplied_scans_count_their_units() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    clerk.type_in("50712345<enter>");
    assert_eq!(clerk.lines(), ["6 71053"]);
    clerk.type_in("12*71053<enter>");
    assert_eq!(clerk.lines(), ["18 71053"]);
    clerk.type_in("3x 50712345<enter>");
    assert_eq!(clerk.lines(), ["36 71053"]);
    // The whole text is a code of its own, and that comes first.
    clerk.type_in("2X4<enter>");
    assert_eq!(clerk.lines(), ["36 71053", "1 85123A"]);
    clerk.type_in("1.5*RICE<enter>");
    assert_eq!(clerk.lines()[2], "1.5 RICE");
    assert_eq!(clerk.desk.bells, 0);
    clerk.type_in("1.5*71053<enter>");
    assert_eq!(clerk.lines()[3], "1.5*71053 ✗ 71053 is counted in whole each; 1.5 is not a whole number");
    assert_eq!(clerk.desk.bells, 1);
}

#[test]
fn a_french_scan_multiplies_with_a_comma() {
    let mut clerk = Clerk::speaking(MovementKind::Receipt, Language::French);
    clerk.type_in("MAIN<enter>2,5*RICE<enter>");
    assert_eq!(clerk.lines(), ["2.5 RICE"]);
}

#[test]
fn an_unknown_code_stays_in_sight_until_it_is_removed_or_corrected() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    clerk.type_in("71053<enter>NONE<enter>85123A<enter>");
    assert_eq!(clerk.lines(), ["1 71053", "NONE ✗ unknown code NONE", "1 85123A"]);
    assert_eq!(clerk.desk.bells, 1);
    clerk.type_in("<enter>");
    assert!(clerk.screen().contains("✗ unknown code NONE"), "{}", clerk.screen());
    assert!(clerk.desk.written.is_empty());
    // The line at fault is selected; its code is corrected by typing over it.
    clerk.type_in("<alt-q>71053<enter>");
    assert_eq!(clerk.lines(), ["2 71053", "1 85123A"]);
    clerk.type_in("NONE<enter><del>");
    assert_eq!(clerk.lines(), ["2 71053", "1 85123A"]);
}

#[test]
fn one_key_undoes_the_latest_scan() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    clerk.type_in("71053<enter>50712345<enter>85123A<enter>NONE<enter>");
    clerk.type_in("<backspace>");
    assert_eq!(clerk.lines(), ["7 71053", "1 85123A"]);
    clerk.type_in("<backspace><backspace>");
    assert_eq!(clerk.lines(), ["1 71053"]);
    clerk.type_in("<backspace>");
    assert!(clerk.lines().is_empty());
    clerk.keys("71053<enter>85123A<enter><backspace>");
    assert_eq!(clerk.lines(), ["71053 …"], "a scan that is not answered yet is taken back too");
    clerk.answer();
    assert_eq!(clerk.lines(), ["1 71053"]);
}

#[test]
fn a_removed_line_and_a_changed_quantity_come_back() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    clerk.type_in("71053<enter>85123A<enter>*24<enter><up><del>");
    assert_eq!(clerk.lines(), ["24 85123A"]);
    clerk.type_in("<backspace>");
    assert_eq!(clerk.lines(), ["1 71053", "24 85123A"]);
    clerk.type_in("<backspace>");
    assert_eq!(clerk.lines(), ["1 71053", "1 85123A"]);
}

#[test]
fn what_could_not_be_looked_up_is_asked_again_and_nothing_is_lost() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    clerk.type_in("85123A<enter>");
    clerk.keys("71053<enter>");
    for (ticket, _) in clerk.questions() {
        let failure = Failure::Unavailable("the line is down".to_owned());
        clerk.desk.report(Report::Answered(ticket, Err(failure)));
    }
    assert_eq!(clerk.lines(), ["1 85123A", "71053 !"]);
    clerk.type_in("RICE<enter>");
    assert_eq!(clerk.lines(), ["1 85123A", "71053 !", "1 RICE"]);
    clerk.desk.report(Report::Restored);
    clerk.answer();
    assert_eq!(clerk.lines(), ["1 85123A", "1 71053", "1 RICE"]);
}

#[test]
fn a_key_that_depends_on_an_answer_waits_for_it() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    // The quantity is meant for the second product, though neither is known yet.
    clerk.keys("71053<enter>85123A<enter>*24<enter>RICE<enter>");
    assert_eq!(clerk.lines(), ["71053 …", "85123A …"]);
    assert!(clerk.screen().contains("9 keys queued"), "{}", clerk.screen());
    clerk.answer();
    assert_eq!(clerk.lines(), ["1 71053", "24 85123A", "1 RICE"]);
    assert_eq!(clerk.desk.bells, 0);
}

#[test]
fn escape_gives_up_waiting() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    clerk.keys("71053<enter>*24<enter><esc>85123A<enter>");
    assert_eq!(clerk.lines(), ["71053 …", "85123A …"]);
    clerk.answer();
    assert_eq!(clerk.lines(), ["1 71053", "1 85123A"]);
}

#[test]
fn a_product_of_the_stock_is_put_in_as_if_scanned() {
    let mut clerk = Clerk::at(MovementKind::Issue);
    clerk.type_in("<f2>");
    let row = super::row("71053").unwrap();
    let page = crate::domain::Page { rows: vec![row], more_before: false, more_after: false };
    clerk.keys("<f2>");
    let question = clerk
        .questions()
        .into_iter()
        .find(|(_, question)| matches!(question, Question::StockPage(_)))
        .expect("the stock asks for its first page");
    clerk.desk.report(Report::Answered(question.0, Ok(crate::worker::query::Answer::StockPage(page))));
    clerk.type_in("<alt-i>");
    assert_eq!(clerk.lines(), ["1 71053"]);
    let screen = clerk.screen();
    assert!(screen.contains("F4 Issue") && screen.contains("scan the location"), "{screen}");
    clerk.type_in("MAIN<enter>71053<enter>");
    assert_eq!(clerk.lines(), ["2 71053"]);
    let goods = clerk.form().lines.goods().next().map(|(_, goods)| goods.clone()).unwrap();
    let form = clerk.form();
    let change = form.change(&goods, super::super::place::End::From, &form.sums());
    assert_eq!(change, Some((12.into(), Decimal::TEN)));
}

/// What a clerk may do in any order. After each of them the field is empty again.
const ACTS: [&str; 20] = [
    "MAIN<enter>",
    "B-02<enter>",
    "OLD<enter>",
    "<f12><backspace>",
    "71053<enter>",
    "85123A<enter>",
    "3*50712345<enter>",
    "NONE<enter>",
    "YOG<enter>",
    "L-7<enter>",
    "L-8<enter>",
    "+30d<enter>",
    "DRILL<enter>",
    "SN1-SN3<enter>",
    "A-01<enter>",
    "*24<enter>",
    "<backspace>",
    "<del>",
    "<up>",
    "<tab>5<enter>",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// The same keys make the same form, whether each scan is answered at once, some of them in between,
    /// or all of them at the end.
    #[test]
    fn what_comes_out_depends_on_the_keys_alone(
        acts in prop::collection::vec((0..ACTS.len(), any::<bool>()), 1..30),
        kind in prop::sample::select(vec![MovementKind::Receipt, MovementKind::Issue, MovementKind::Transfer]),
    ) {
        let run = |answers: &dyn Fn(bool) -> bool| {
            let mut clerk = Clerk::at(kind);
            clerk.stock.push(("YOG", "MAIN", Some("L-7"), Some("2026-12-20"), 5));
            for (act, flag) in &acts {
                clerk.keys(ACTS[*act]);
                if answers(*flag) {
                    clerk.answer();
                }
            }
            clerk.answer();
            let selected = clerk.form().lines.selected_at();
            (clerk.lines(), selected)
        };
        let at_once = run(&|_| true);
        prop_assert_eq!(&run(&|_| false), &at_once);
        prop_assert_eq!(&run(&|flag| flag), &at_once);
    }

    /// Whatever is typed while nothing is drawn, and however late the answers come, nothing is posted.
    #[test]
    fn nothing_is_posted_without_a_review_on_the_screen(
        acts in prop::collection::vec((0..ACTS.len() + 2, any::<bool>()), 1..30),
        kind in prop::sample::select(vec![MovementKind::Receipt, MovementKind::Issue, MovementKind::Transfer]),
    ) {
        let mut clerk = Clerk::at(kind);
        for (act, answered) in acts {
            clerk.desk.burst(ACTS.get(act).copied().unwrap_or("<f12><enter><f12>"));
            if answered {
                clerk.answer();
            }
        }
        clerk.answer();
        prop_assert!(clerk.desk.written.is_empty());
    }
}

#[test]
fn pasted_rows_become_lines_and_what_cannot_be_read_is_shown() {
    let mut clerk = Clerk::at(MovementKind::Receipt);
    clerk.type_in("MAIN<enter>");
    clerk.desk.paste("SKU\tQuantity\r\n71053\t24\r\n85123A\t3\r\nNIX\t2\r\n");
    clerk.answer();
    let lines = clerk.lines();
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert!(
        lines.iter().any(|line| line == "24 71053") && lines.iter().any(|line| line == "3 85123A"),
        "{lines:?}"
    );
    assert_eq!(lines.iter().filter(|line| line.contains('✗')).count(), 2, "{lines:?}");
    // A single code is typed as before.
    clerk.desk.paste("71053\n");
    clerk.answer();
    assert!(clerk.lines().iter().any(|line| line == "25 71053"), "{:?}", clerk.lines());
}
