//! The catalogue of tampering: each case is carried out on a separate server, and the verification must give the right
//! verdicts and no others. With UPDATE_DOCS set, the test writes the table of cases and verdicts in docs/audit.md;
//! otherwise it compares it.

mod accidents;
mod definitions;
mod drafts;
mod intercepted;
mod logins;
mod logs;
mod orders;
mod pruned;
mod rows;
pub mod scene;
mod seals;
mod switches;
mod tables;
mod unsigned;
mod values;
mod writers;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Mutex;

use stockroom::audit::decisions::By;
use stockroom::audit::reconcile::{Mode, Report, Severity, Verdict, verify};

use scene::{Scene, alarms};
use seals::OLDER_STATE;

/// How many cases run at the same time, each with a server of its own.
const AT_A_TIME: usize = 3;

type Act = for<'a> fn(&'a mut Scene) -> Pin<Box<dyn Future<Output = ()> + 'a>>;

/// One case of the catalogue.
struct Case {
    what: &'static str,
    verdicts: &'static [Verdict],
    settings: &'static [(&'static str, &'static str)],
    act: Act,
}

macro_rules! case {
    ($what:expr, [$($verdict:ident),*], |$scene:ident| $act:expr) => {
        case!($what, [$($verdict),*], &[], |$scene| $act)
    };
    ($what:expr, [$($verdict:ident),*], $settings:expr, |$scene:ident| $act:expr) => {
        Case {
            what: $what,
            verdicts: &[$(stockroom::audit::reconcile::Verdict::$verdict),*],
            settings: $settings,
            act: |$scene| Box::pin(async move { $act; }),
        }
    };
}
use case;

fn catalogue() -> Vec<Case> {
    let groups = [
        tables::cases(),
        values::cases(),
        rows::cases(),
        orders::cases(),
        intercepted::cases(),
        drafts::cases(),
        switches::cases(),
        logins::cases(),
        definitions::cases(),
        writers::cases(),
        logs::cases(),
        seals::cases(),
        unsigned::cases(),
        pruned::cases(),
        accidents::cases(),
    ];
    groups.into_iter().flatten().collect()
}

/// Runs one case; gives what went wrong.
async fn run_case(case: Case) -> Result<(), String> {
    let mut scene = Scene::with(case.settings).await;
    (case.act)(&mut scene).await;
    scene.leave().await;
    let report = scene.verify().await;
    let wanted: BTreeSet<Verdict> = case.verdicts.iter().copied().collect();
    let found: BTreeSet<Verdict> = alarms(&report).into_iter().collect();
    if wanted == found {
        let mut ended = accept(&scene, report).await;
        // The log grows again until it has as many lines as were signed. That they are others is seen only then.
        if case.what == OLDER_STATE
            && let Err((_, Some(next))) = ended
        {
            ended = accept(&scene, next).await;
        }
        return ended.map_err(|(failure, _)| format!("{}, accepted: {failure}", case.what));
    }
    Err(format!("{}: wanted {wanted:?}, found {found:?}\n{}", case.what, told(&report)))
}

/// Accepts what was found. Then nothing may be an alarm any more, neither when all is read again nor when only what
/// is new is, and all of it must still be told.
async fn accept(scene: &Scene, report: Report) -> Result<(), (String, Option<Report>)> {
    let evidence = scene.collecting.evidence();
    let store = scene.database.store("auditor");
    let found = report.findings.iter().filter(|finding| finding.severity == Severity::Alarm);
    let ids: BTreeSet<String> = found.map(|finding| finding.id.clone()).collect();
    if ids.len() as u64 != report.alarms {
        return Err((
            format!("{} identities of {} alarms\n{}", ids.len(), report.alarms, told(&report)),
            None,
        ));
    }
    evidence.keep(&store, &report).unwrap();
    let by = By { os_user: "tests".to_owned(), login: "auditor".to_owned() };
    evidence.accept(&store, &ids.into_iter().collect::<Vec<_>>(), "a test", &by).unwrap();
    for (full, mode) in [(false, Mode::Full), (false, Mode::Incremental), (true, Mode::Full)] {
        let plan = evidence.plan(&store, full).unwrap();
        let next = verify(&store, &plan, &|_, _, _| {}).await.unwrap();
        let expected = report.alarms + report.accepted;
        let all_told = mode == Mode::Incremental || next.accepted == expected || report.accepted > 0;
        if next.alarms > 0 || next.mode != mode || !all_told {
            let counted = format!("{} of {expected} accepted, {:?} for {mode:?}", next.accepted, next.mode);
            return Err((format!("{counted}\n{}\nat first\n{}", told(&next), told(&report)), Some(next)));
        }
    }
    Ok(())
}

/// The findings of a report.
fn told(report: &Report) -> String {
    let told: Vec<String> = report
        .findings
        .iter()
        .map(|finding| {
            format!(
                "  {:?} {}: {} | {:?} | {:?}",
                finding.severity,
                finding.verdict,
                finding.what,
                finding.who,
                finding.statement.as_deref().map(|text| text.chars().take(150).collect::<String>())
            )
        })
        .collect();
    told.join("\n")
}

#[test]
fn every_case_of_the_catalogue_gets_its_verdict_and_no_other() {
    let only = std::env::var("STOCKROOM_CASE").unwrap_or_default();
    let cases: Vec<Case> = catalogue().into_iter().filter(|case| case.what.contains(&only)).collect();
    let queue = Mutex::new(cases.into_iter());
    let failures = Mutex::new(Vec::new());
    let work = || {
        loop {
            let Some(case) = queue.lock().unwrap().next() else { return };
            let what = case.what;
            // A thread and a runtime each: what one leaves behind cannot disturb the next.
            let ended = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_multi_thread()
                    .worker_threads(2)
                    .enable_all()
                    .build()
                    .unwrap();
                runtime.block_on(run_case(case))
            });
            match ended.join() {
                Ok(Ok(())) => {}
                Ok(Err(failure)) => failures.lock().unwrap().push(failure),
                Err(_) => failures.lock().unwrap().push(format!("{what}: panicked")),
            }
        }
    };
    std::thread::scope(|scope| {
        (0..AT_A_TIME).for_each(|_| drop(scope.spawn(work)));
    });
    let failures = failures.into_inner().unwrap();
    if only.is_empty() && failures.is_empty() {
        hold_page_to_catalogue();
    }
    assert!(failures.is_empty(), "{} cases failed:\n\n{}", failures.len(), failures.join("\n\n"));
}

const BEGIN: &str = "<!-- catalogue: written by tests/audit/tamper with UPDATE_DOCS=1 -->\n";
const END: &str = "<!-- end of catalogue -->";

/// The table of the page must be that of the cases that have just passed.
fn hold_page_to_catalogue() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/audit.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let mut table = "| what was done | verdicts |\n| --- | --- |\n".to_owned();
    for case in catalogue() {
        let verdicts: Vec<&str> = case.verdicts.iter().map(|verdict| verdict.words()).collect();
        let verdicts =
            if verdicts.is_empty() { "none: no false alarm".to_owned() } else { verdicts.join(", ") };
        table.push_str(&format!("| {} | {verdicts} |\n", case.what));
    }
    let wanted = format!("{before}{BEGIN}{table}{END}{after}");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, wanted).unwrap();
    } else {
        assert!(
            page == wanted,
            "docs/audit.md does not list the cases of the catalogue; run the test with UPDATE_DOCS=1"
        );
    }
}
