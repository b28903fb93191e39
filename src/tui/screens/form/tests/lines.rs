use super::Clerk;
use crate::domain::MovementKind;
use crate::tui::locale::Language;

#[test]
fn typing_replaces_the_quantity_and_is_worked_out() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    clerk.type_in("71053<enter>*4<enter>");
    assert_eq!(clerk.lines(), ["4 71053"], "4, not 14");
    clerk.type_in("<tab>3*12");
    assert!(clerk.screen().contains("= 36"), "{}", clerk.screen());
    clerk.type_in("<enter>85123A<enter>");
    assert_eq!(clerk.lines(), ["36 71053", "1 85123A"]);
    // Up and Down go to the quantity of the next line.
    clerk.type_in("<alt-q>7<up>9<enter>");
    assert_eq!(clerk.lines(), ["9 71053", "7 85123A"]);
}

#[test]
fn decimals_beyond_the_product_are_refused_with_the_figure() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    clerk.type_in("71053<enter>*2.5<enter>");
    let screen = clerk.screen();
    assert!(screen.contains("✗ 71053 is counted in whole each; 2.5 is not a whole number"), "{screen}");
    assert_eq!(clerk.lines(), ["1 71053"]);
    clerk.type_in("3<enter>");
    assert_eq!(clerk.lines(), ["3 71053"]);
    clerk.type_in("*0<enter>");
    assert!(clerk.screen().contains("must be greater than zero"), "{}", clerk.screen());
    clerk.type_in("<esc>RICE<enter>*2.1255<enter>");
    assert!(clerk.screen().contains("at most 3 decimal places"), "{}", clerk.screen());
    clerk.type_in("<esc>");
    assert_eq!(clerk.lines(), ["3 71053", "1 RICE"]);
}

#[test]
fn a_french_clerk_types_a_comma() {
    let mut clerk = Clerk::speaking(MovementKind::Receipt, Language::French);
    clerk.type_in("MAIN<enter>RICE<enter>*2,5*3<enter>");
    assert_eq!(clerk.lines(), ["7.5 RICE"]);
    clerk.type_in("*");
    assert!(clerk.screen().contains("7,5"), "{}", clerk.screen());
    clerk.type_in("1,2345<enter>");
    assert!(clerk.screen().contains("3 décimales au plus"), "{}", clerk.screen());
}

#[test]
fn a_barcode_in_the_quantity_is_a_scan() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    clerk.type_in("85123A<enter>*96385074<enter>");
    assert_eq!(clerk.lines(), ["1 85123A", "1 71053"]);
}

#[test]
fn a_price_is_optional_and_reached_by_tab() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    clerk.type_in("71053<enter><tab>24<tab>2.5x<enter>");
    assert!(clerk.screen().contains("\"2.5x\" is not a price"), "{}", clerk.screen());
    clerk.type_in("2.1234<enter>85123A<enter>");
    assert_eq!(clerk.lines(), ["24 71053 at 2.1234", "1 85123A"]);
    clerk.type_in("<enter><enter>");
    let prices: Vec<_> = clerk.basket().lines.iter().map(|line| line.unit_price.is_some()).collect();
    assert_eq!(prices, [true, false]);
}

#[test]
fn emptying_a_long_form_is_asked_about() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    clerk.type_in("71053<enter>85123A<enter><ctrl-x>");
    assert!(clerk.lines().is_empty(), "two lines are scanned again in no time");
    clerk.type_in("MAIN<enter>71053<enter>85123A<enter>RICE<enter>NONE<enter><ctrl-x>");
    assert!(clerk.screen().contains("Discard the form (4 lines)?"), "{}", clerk.screen());
    clerk.type_in("<esc>");
    assert_eq!(clerk.lines().len(), 4);
    clerk.type_in("<ctrl-x>7");
    assert_eq!(clerk.lines().len(), 4, "typing goes back to the form");
    clerk.type_in("<backspace><ctrl-x><enter>");
    assert!(clerk.lines().is_empty());
    assert_eq!(crate::tui::view::View::unfinished(clerk.form()), 0);
}

#[test]
fn lines_and_fields_are_reached_with_the_mouse() {
    let mut clerk = Clerk::ready(MovementKind::Receipt);
    clerk.type_in("71053<enter>85123A<enter>");
    let screen = clerk.screen();
    let spot = |text: &str| {
        let (y, line) = screen.lines().enumerate().find(|(_, line)| line.contains(text)).unwrap();
        let x = line[..line.find(text).unwrap()].chars().count();
        (u16::try_from(x).unwrap(), u16::try_from(y).unwrap())
    };
    let (x, y) = spot("WHITE METAL");
    clerk.desk.click(x, y);
    clerk.type_in("*5<enter>");
    assert_eq!(clerk.lines(), ["5 71053", "1 85123A"]);
    let (x, y) = spot("Reference");
    clerk.desk.click(x, y);
    clerk.keys("PO-7");
    assert_eq!(clerk.form().reference.text(), "PO-7");
    let (x, y) = spot("Unit price —");
    clerk.desk.click(x, y);
    clerk.keys("1.20<enter>");
    assert_eq!(clerk.lines(), ["5 71053 at 1.2", "1 85123A"]);
}
