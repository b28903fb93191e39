//! `bench ui`: the program itself in a pseudo-terminal, on a large catalogue: how long it takes until the first
//! products, the effect of a key and the answer to a search are drawn, and which resources the program uses when idle.
//!
//! The program's figures come from `/proc`, so this runs on Linux. The baseline is `cat` in the same pseudo-terminal:
//! how long a key takes to be echoed.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use serde::Serialize;

use super::pseudo_terminal::{SIZE, Terminal};
use super::report::{Figures, rounded};
use crate::Error;
use crate::large_catalogue::LargeCatalogue;

/// The end of each frame: the end of a synchronised update.
const FRAME_END: &[u8] = b"\x1b[?2026l";
/// How often the program is started to measure the time to its first products.
const STARTS: usize = 5;
/// How many keys each round presses.
const KEYS: usize = 200;
/// How long the idle program is observed.
const IDLE: Duration = Duration::from_secs(20);
/// Words that are typed letter by letter, and deleted letter by letter.
const WORDS: [&str; 6] = ["steel", "blue mug", "oak", "W2-C-05", "zzzz", "garden cha"];

/// The results of the benchmark of the screens.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UiReport {
    pub name: &'static str,
    /// How many products the catalogue holds.
    pub products: u32,
    /// The time from a key until its frame is drawn.
    pub ours: Figures,
    /// The time from a key until `cat` has echoed it.
    pub baseline: Figures,
    /// A description of the baseline.
    pub baseline_is: &'static str,
    /// Stockroom's median for keys divided by that of the baseline.
    pub ratio: f64,
    /// The time from a letter until the answer to the search is drawn.
    pub search: Figures,
    /// The time from the start of the process until products are drawn, including login; the median.
    pub first_products_ms: f64,
    pub first_products_max_ms: f64,
    /// The processor time of the idle program, in percent of one core.
    pub idle_cpu_percent: f64,
    /// The memory of the program afterwards, in MiB.
    pub resident_mib: f64,
    /// The peak memory, in MiB.
    pub resident_max_mib: f64,
}

/// The durations of one kind of event, in microseconds.
struct Times(Histogram<u64>);

impl Times {
    fn new() -> Result<Self, Error> {
        Histogram::new_with_bounds(1, 60_000_000, 3).map(Self).map_err(Error::measure)
    }

    fn note(&mut self, took: Duration) {
        self.0.saturating_record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    }

    fn quantile(&self, part: f64) -> f64 {
        rounded(self.0.value_at_quantile(part) as f64 / 1_000.0, 100.0)
    }

    fn figures(&self) -> Figures {
        let mean = self.0.mean().max(f64::EPSILON);
        Figures {
            per_second: rounded(1_000_000.0 / mean, 10.0),
            p50_ms: self.quantile(0.50),
            p99_ms: self.quantile(0.99),
        }
    }
}

/// The default program to measure: `stockroom` in the same directory, where a build puts both.
///
/// # Errors
/// [`Error::Measure`] if there is none.
pub fn default_program() -> Result<PathBuf, Error> {
    let program = std::env::current_exe().map_err(Error::measure)?.with_file_name("stockroom");
    if program.is_file() {
        return Ok(program);
    }
    let missing = program.display();
    Err(Error::Measure(format!(
        "there is no {missing}; build it with `cargo build --release`, or name another with --program"
    )))
}

/// Creates a private server with a number of products, and measures `program` on it.
///
/// # Errors
/// [`Error`] if the server or the program cannot be run.
pub async fn run(
    program: &Path,
    products: u32,
    rounds: usize,
    progress: impl Fn(&str),
) -> Result<UiReport, Error> {
    progress(&format!("making a private server with {products} products; a million takes some minutes"));
    let catalogue = LargeCatalogue::make(products).await?;
    let state = catalogue.server.directory().join("terminal-state");
    let state = state.display().to_string();
    let command = format!("'{}'", program.display());
    let environment = [
        ("STOCKROOM_DATABASE_URL", catalogue.clerk_url.as_str()),
        ("STOCKROOM_STATE_DIR", &state),
        ("LANG", "en"),
    ];
    let mut starts = Times::new()?;
    progress("starting the program");
    for _ in 0..STARTS {
        let begun = Instant::now();
        let mut terminal = Terminal::start(&command, &environment)?;
        starts.note(first_products(&mut terminal).await?.duration_since(begun));
    }
    let mut terminal = Terminal::start(&command, &environment)?;
    let pid = {
        first_products(&mut terminal).await?;
        terminal.settle().await?;
        terminal.pid()?
    };
    let mut echo = Terminal::start("sh -c 'stty raw -echo; echo ready; exec cat'", &[])?;
    echo.wait_for(b"ready").await?;
    let (mut ours, mut baseline, mut search) = (Times::new()?, Times::new()?, Times::new()?);
    for round in 1..=rounds {
        progress(&format!("round {round} of {rounds}"));
        press_keys(&mut terminal, &mut ours).await?;
        press_echo(&mut echo, &mut baseline).await?;
        type_words(&mut terminal, &mut ours, &mut search).await?;
    }
    progress(&format!("watching the idle program for {} s", IDLE.as_secs()));
    let before = processor_ticks(pid)?;
    tokio::time::sleep(IDLE).await;
    let ticks = processor_ticks(pid)? - before;
    let idle = ticks as f64 / TICKS_PER_SECOND / IDLE.as_secs_f64() * 100.0;
    let (figures, baseline_figures) = (ours.figures(), baseline.figures());
    Ok(UiReport {
        name: "ui",
        products,
        ratio: rounded(figures.p50_ms / baseline_figures.p50_ms.max(0.001), 10.0),
        ours: figures,
        baseline: baseline_figures,
        baseline_is: "cat in the same pseudo-terminal: a key there and back",
        search: search.figures(),
        first_products_ms: starts.quantile(0.50),
        first_products_max_ms: starts.quantile(1.0),
        idle_cpu_percent: rounded(idle, 100.0),
        resident_mib: resident_mib(pid, "VmRSS:")?,
        resident_max_mib: resident_mib(pid, "VmHWM:")?,
    })
}

/// Waits until products are drawn: the marker of the selected row appears with them.
async fn first_products(terminal: &mut Terminal) -> Result<Instant, Error> {
    terminal.wait_for("▸".as_bytes()).await?;
    terminal.wait_for(FRAME_END).await
}

/// Presses keys that move through the list, and notes the time until each frame is drawn.
async fn press_keys(terminal: &mut Terminal, ours: &mut Times) -> Result<(), Error> {
    const DOWN: &str = "\x1b[B";
    const PAGE_DOWN: &str = "\x1b[6~";
    const UP: &str = "\x1b[A";
    for position in 0..KEYS {
        let key = match position % 4 {
            0 | 1 => DOWN,
            2 => PAGE_DOWN,
            _ => UP,
        };
        let pressed = terminal.press(key).await?;
        ours.note(terminal.wait_for(FRAME_END).await?.duration_since(pressed));
        terminal.settle().await?;
    }
    Ok(())
}

async fn press_echo(echo: &mut Terminal, baseline: &mut Times) -> Result<(), Error> {
    for _ in 0..KEYS {
        let pressed = echo.press("x").await?;
        baseline.note(echo.wait_for(b"x").await?.duration_since(pressed));
        echo.settle().await?;
    }
    Ok(())
}

/// Types words into the search. The first frame after a letter shows the letter, the second the answer.
async fn type_words(terminal: &mut Terminal, ours: &mut Times, search: &mut Times) -> Result<(), Error> {
    const BACKSPACE: &str = "\x7f";
    for word in WORDS {
        let mut letter_buffer = [0; 4];
        for letter in word.chars() {
            let pressed = terminal.press(letter.encode_utf8(&mut letter_buffer)).await?;
            ours.note(terminal.wait_for(FRAME_END).await?.duration_since(pressed));
            // A space at the end starts no new search.
            if letter != ' ' {
                search.note(terminal.wait_for(FRAME_END).await?.duration_since(pressed));
            }
            terminal.settle().await?;
        }
        for _ in word.chars() {
            let pressed = terminal.press(BACKSPACE).await?;
            ours.note(terminal.wait_for(FRAME_END).await?.duration_since(pressed));
            terminal.settle().await?;
        }
    }
    Ok(())
}

/// How many ticks of processor time `/proc` counts per second. On Linux this is the rate on every architecture that
/// Rust's standard library supports (`USER_HZ`).
const TICKS_PER_SECOND: f64 = 100.0;

/// The processor time used by a process: fields 14 and 15 of proc(5).
fn processor_ticks(pid: u32) -> Result<u64, Error> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).map_err(Error::measure)?;
    // The name in the second field may contain anything, so the fields are counted from its end.
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split_whitespace().collect();
    let ticks = |field: usize| fields.get(field - 3).and_then(|text| text.parse::<u64>().ok());
    match (ticks(14), ticks(15)) {
        (Some(user), Some(system)) => Ok(user + system),
        _ => Err(Error::Measure(format!("/proc/{pid}/stat cannot be read"))),
    }
}

/// A value of `/proc/PID/status`, which is in KiB, as MiB.
fn resident_mib(pid: u32, name: &str) -> Result<f64, Error> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).map_err(Error::measure)?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kibibytes =
        line.and_then(|line| line.split_whitespace().next()).and_then(|text| text.parse::<f64>().ok());
    let kibibytes = kibibytes.ok_or_else(|| Error::Measure(format!("/proc/{pid}/status has no {name}")))?;
    Ok(rounded(kibibytes / 1024.0, 10.0))
}

impl UiReport {
    /// The report as text for the terminal, one line per measurement.
    #[must_use]
    pub fn words(&self) -> String {
        let side = |name: &str, figures: &Figures| {
            format!("  {name:<32} p50 {:>7.2} ms   p99 {:>7.2} ms", figures.p50_ms, figures.p99_ms)
        };
        [
            format!("ui: {} products, {} × {}", self.products, SIZE.0, SIZE.1),
            side("key until drawn", &self.ours),
            side("baseline: key echoed", &self.baseline),
            format!("  ratio of the medians {:.1}   baseline: {}", self.ratio, self.baseline_is),
            side("letter until its answer is drawn", &self.search),
            format!(
                "  start until products are drawn   p50 {:>7.2} ms   max {:>7.2} ms",
                self.first_products_ms, self.first_products_max_ms
            ),
            format!("  idle processor {} %", self.idle_cpu_percent),
            format!("  memory {} MiB, at most {} MiB", self.resident_mib, self.resident_max_mib),
        ]
        .join("\n")
    }
}
