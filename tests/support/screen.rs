//! A program in a real pseudo-terminal, controlled by keys; tests check the text on its screen.

use std::ffi::OsStr;
use std::io::{Read as _, Write};
use std::num::NonZeroU16;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{InputModes, LocalModes, OutputModes, tcgetattr};
use tempfile::TempDir;
use vt100::{Callbacks, MouseProtocolMode, Parser};

use super::keys;

/// How long a condition may take. Far more than anything takes on an idle machine, because tests run
/// side by side.
const WAIT_MAX: Duration = Duration::from_secs(20);
/// How often it is looked whether the program has read an Escape.
const READ_CHECK: Duration = Duration::from_millis(1);
/// The private mode between whose beginning and end a frame is only half drawn.
const SYNCHRONIZED: u16 = 2026;

/// What a terminal answers when it is asked, and whether a frame is being drawn.
#[derive(Default)]
struct Emulator {
    answers: Vec<u8>,
    within_frame: bool,
}

impl Callbacks for Emulator {
    fn unhandled_csi(
        &mut self,
        screen: &mut vt100::Screen,
        mark: Option<u8>,
        _: Option<u8>,
        parameters: &[&[u16]],
        last: char,
    ) {
        match (mark, parameters, last) {
            (None, [[6]], 'n') => {
                let (row, column) = screen.cursor_position();
                self.answers.extend(format!("\x1b[{};{}R", row + 1, column + 1).bytes());
            }
            (None, [[5]], 'n') => self.answers.extend(b"\x1b[0n"),
            (None, _, 'c') => self.answers.extend(b"\x1b[?1;2c"),
            (Some(b'?'), [[SYNCHRONIZED]], 'h') => self.within_frame = true,
            (Some(b'?'), [[SYNCHRONIZED]], 'l') => self.within_frame = false,
            _ => {}
        }
    }
}

/// What the threads know.
struct State {
    parser: Parser<Emulator>,
    ended: Option<ExitStatus>,
    output_ended: bool,
}

#[derive(Clone)]
struct Shared(Arc<(Mutex<State>, Condvar)>);

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.0.lock().unwrap()
    }

    /// Changes what is known, and wakes who waits for it.
    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.lock());
        self.0.1.notify_all();
        result
    }

    /// Waits until `condition` answers something. None after the deadline, or when `hopeless` holds.
    fn wait<T>(
        &self,
        deadline: Instant,
        hopeless: impl Fn(&State) -> bool,
        condition: impl Fn(&State) -> Option<T>,
    ) -> Option<T> {
        let mut state = self.lock();
        loop {
            let hopeless = hopeless(&state);
            let found = condition(&state);
            let left = deadline.saturating_duration_since(Instant::now());
            if found.is_some() || hopeless || left.is_zero() {
                return found;
            }
            state = self.0.1.wait_timeout(state, left).unwrap().0;
        }
    }
}

/// The modes of a terminal's line that a program in raw mode changes.
type LineModes = (LocalModes, InputModes, OutputModes);

fn line_modes(terminal: &OwnedFd) -> LineModes {
    let modes = tcgetattr(terminal).unwrap();
    (modes.local_modes, modes.input_modes, modes.output_modes)
}

/// How a program ended, and what it left behind.
#[derive(Debug)]
pub struct Ended {
    /// The exit code, unless a signal ended it.
    pub code: Option<u32>,
    /// The signal that ended it, in the words of the system.
    pub signal: Option<String>,
    /// What stands on the screen.
    pub contents: String,
    /// What it did not put back, in words; empty when the terminal is as it was.
    pub not_restored: Vec<&'static str>,
}

impl Ended {
    /// Fails unless the terminal is as it was before the program began.
    pub fn assert_restored(&self) {
        assert!(self.not_restored.is_empty(), "{self:#?}");
    }
}

/// A program at work in a terminal of its own.
pub struct Screen {
    shared: Shared,
    keys: Sender<Vec<u8>>,
    master: Box<dyn MasterPty + Send>,
    /// The program's side of the terminal, kept open so that its modes can be read at any time.
    terminal: Option<Arc<OwnedFd>>,
    modes: LineModes,
    pid: Pid,
    home: TempDir,
}

fn size(columns: u16, rows: u16) -> (PtySize, NonZeroU16, NonZeroU16) {
    // A terminal may say that it has no rows; the emulator cannot draw on it.
    let at_least_one = |length: u16| NonZeroU16::new(length).unwrap_or(NonZeroU16::MIN);
    let pty = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
    (pty, at_least_one(columns), at_least_one(rows))
}

impl Screen {
    /// Starts the built program. Its home and all its directories are new and empty, its language is
    /// English and its time zone UTC, unless `environment` says otherwise.
    pub fn start(arguments: &[&str], environment: &[(&str, &str)], columns: u16, rows: u16) -> Self {
        Self::run(env!("CARGO_BIN_EXE_stockroom"), arguments, environment, columns, rows)
    }

    /// Starts any program in the same way: a shell, to try what only a shell can do, such as suspending.
    pub fn run(
        program: impl AsRef<OsStr>,
        arguments: &[&str],
        environment: &[(&str, &str)],
        columns: u16,
        rows: u16,
    ) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        isolate(&mut command, home.path());
        environment.iter().for_each(|(name, value)| command.env(name, value));

        let (pty_size, columns, rows) = size(columns, rows);
        let pty = native_pty_system().openpty(pty_size).unwrap();
        let path = pty.master.tty_name().unwrap();
        // Without NOCTTY it could become the terminal of the test itself.
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let terminal = Arc::new(rustix::fs::open(path, flags, Mode::empty()).unwrap());
        let modes = line_modes(&terminal);
        let mut child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let pid = Pid::from_raw(child.process_id().unwrap().cast_signed()).unwrap();

        let parser = Parser::new_with_callbacks(rows, columns, 0, Emulator::default());
        let state = State { parser, ended: None, output_ended: false };
        let shared = Shared(Arc::new((Mutex::new(state), Condvar::new())));
        let (keys, to_send) = mpsc::channel();
        let writer = pty.master.take_writer().unwrap();
        let other_side = Arc::downgrade(&terminal);
        thread::spawn(move || send_all(&to_send, writer, &other_side));
        let reader = pty.master.try_clone_reader().unwrap();
        let (read_by, answers) = (shared.clone(), keys.clone());
        thread::spawn(move || read_all(reader, &read_by, &answers));
        let waited_by = shared.clone();
        thread::spawn(move || {
            let status = child.wait().unwrap();
            waited_by.change(|state| state.ended = Some(status));
        });
        Self { shared, keys, master: pty.master, terminal: Some(terminal), modes, pid, home }
    }

    /// The program's home.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The number of the program's process.
    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// Presses keys, in the notation of [`keys::parts`]; returns at once.
    pub fn keys(&self, notation: &str) -> &Self {
        keys::parts(notation).into_iter().for_each(|part| self.keys.send(part).unwrap());
        self
    }

    /// Pastes a text, as a terminal in bracketed paste mode does.
    pub fn paste(&self, text: &str) -> &Self {
        self.keys.send(format!("\x1b[200~{text}\x1b[201~").into()).unwrap();
        self
    }

    /// Presses and releases the left button of the mouse on a cell, counted from zero.
    pub fn click(&self, column: u16, row: u16) -> &Self {
        let (column, row) = (column + 1, row + 1);
        self.keys.send(format!("\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m").into()).unwrap();
        self
    }

    /// What stands on the screen now, without the spaces at the ends of its lines.
    pub fn contents(&self) -> String {
        self.shared.lock().parser.screen().contents()
    }

    /// What the screen and its cells are like now: colours, cursor, modes.
    pub fn look<T>(&self, look: impl FnOnce(&vt100::Screen) -> T) -> T {
        look(self.shared.lock().parser.screen())
    }

    /// Waits until a text stands on the screen; gives the screen.
    pub fn wait_for(&self, text: &str) -> String {
        self.wait_until(text, |contents| contents.contains(text))
    }

    /// Waits until a text has gone from the screen; gives the screen.
    pub fn wait_gone(&self, text: &str) -> String {
        self.wait_until(&format!("no {text}"), |contents| !contents.contains(text))
    }

    /// Waits until the screen meets a condition; gives the screen. `what` names the condition.
    pub fn wait_until(&self, what: &str, condition: impl Fn(&str) -> bool) -> String {
        self.wait_within(WAIT_MAX, what, condition)
    }

    /// Waits so long at most. A frame that is only half drawn is not judged, where the program says so.
    pub fn wait_within(&self, time: Duration, what: &str, condition: impl Fn(&str) -> bool) -> String {
        let judged = |state: &State| {
            let contents = state.parser.screen().contents();
            (!state.parser.callbacks().within_frame && condition(&contents)).then_some(contents)
        };
        let found = self.shared.wait(Instant::now() + time, |state| state.output_ended, judged);
        found.unwrap_or_else(|| {
            let ended = self.shared.lock().ended.clone();
            let how = ended.map_or("the program is at work".to_owned(), |status| status.to_string());
            panic!("no \"{what}\" on the screen within {time:?}; {how}:\n{}", self.framed())
        })
    }

    /// The screen with a border, for messages.
    fn framed(&self) -> String {
        let (rows, columns) = self.look(vt100::Screen::size);
        let edge = format!("+{}+", "-".repeat(columns.get().into()));
        let text = self.look(|screen| screen.rows(0, columns.get()).collect::<Vec<_>>().join("\n"));
        format!("{edge} {columns} by {rows}\n{text}\n{edge}")
    }

    /// Changes the size of the terminal, which the program learns by a signal.
    pub fn resize(&self, columns: u16, rows: u16) {
        let (pty_size, columns, rows) = size(columns, rows);
        self.shared.change(|state| state.parser.set_size(rows, columns));
        self.master.resize(pty_size).unwrap();
    }

    /// Sends a signal to the program, and to nothing that it started.
    pub fn signal(&self, signal: Signal) {
        let state = self.shared.lock();
        assert!(state.ended.is_none(), "the program has ended: {:?}", state.ended);
        kill_process(self.pid, signal).unwrap();
    }

    /// Ends the program as a power cut would: `kill -9`.
    pub fn kill(mut self) -> Ended {
        self.signal(Signal::KILL);
        self.ended()
    }

    /// Waits until the program has ended by itself, and for all that it wrote.
    pub fn wait_exit(mut self) -> Ended {
        self.ended()
    }

    fn ended(&mut self) -> Ended {
        let deadline = Instant::now() + WAIT_MAX;
        let status = self.shared.wait(deadline, |_| false, |state| state.ended.clone());
        let Some(status) = status else {
            panic!("the program did not end within {WAIT_MAX:?}:\n{}", self.framed())
        };
        let modes = self.terminal.take().map(|terminal| line_modes(&terminal));
        // The output ends when no process has the program's side open any more. If the program started another one
        // that is still running, this waits until the deadline and then takes the output so far.
        self.shared.wait(deadline, |_| false, |state| state.output_ended.then_some(()));
        let mut not_restored = Vec::new();
        self.look(|screen| {
            for (left_behind, words) in [
                (screen.alternate_screen(), "it is still on the alternate screen"),
                (screen.hide_cursor(), "the cursor is hidden"),
                (screen.bracketed_paste(), "pasted text is still put in brackets"),
                (screen.mouse_protocol_mode() != MouseProtocolMode::None, "the mouse is still reported"),
                (screen.application_cursor(), "the arrows still send other sequences"),
                (modes != Some(self.modes), "the line is not in the mode that it was in"),
            ] {
                not_restored.extend(left_behind.then_some(words));
            }
        });
        let signal = status.signal().map(str::to_owned);
        let code = signal.is_none().then(|| status.exit_code());
        Ended { code, signal, contents: self.contents(), not_restored }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // A test that failed while it held the lock has poisoned it; the program must end all the same.
        let state = self.shared.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.ended.is_none() {
            let _ = kill_process(self.pid, Signal::KILL);
        }
    }
}

/// Nothing of the machine that the test runs on, but where its programs are.
fn isolate(command: &mut CommandBuilder, home: &Path) {
    command.env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.cwd(home);
    for name in
        ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"]
    {
        command.env(name, home);
    }
    for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("TZ", "UTC")] {
        command.env(name, value);
    }
}

/// Reads what the program writes until nobody can write any more.
fn read_all(mut reader: Box<dyn std::io::Read + Send>, shared: &Shared, answers: &Sender<Vec<u8>>) {
    let mut buffer = [0; 8 * 1024];
    // The end of a terminal is an error (EIO), not the end of a file.
    while let Ok(length @ 1..) = reader.read(&mut buffer) {
        let answer = shared.change(|state| {
            state.parser.process(&buffer[..length]);
            std::mem::take(&mut state.parser.callbacks_mut().answers)
        });
        if !answer.is_empty() && answers.send(answer).is_err() {
            break;
        }
    }
    shared.change(|state| state.output_ended = true);
}

/// Sends keys until there is nobody left to press or to read them.
fn send_all(keys: &Receiver<Vec<u8>>, mut writer: Box<dyn Write + Send>, other_side: &Weak<OwnedFd>) {
    for part in keys {
        if writer.write_all(&part).is_err() {
            return;
        }
        if part.ends_with(b"\x1b") {
            wait_read(other_side);
        }
    }
}

/// Waits until the program has read all that was sent, for so long at most. Only then is an Escape taken
/// for the key, and not for the beginning of another.
fn wait_read(other_side: &Weak<OwnedFd>) {
    let deadline = Instant::now() + WAIT_MAX;
    while let Some(terminal) = other_side.upgrade() {
        let mut question = [PollFd::new(&*terminal, PollFlags::IN)];
        let unread =
            poll(&mut question, Some(&rustix::time::Timespec::default())).is_ok_and(|ready| ready > 0);
        if !unread || Instant::now() > deadline {
            return;
        }
        drop(terminal);
        thread::sleep(READ_CHECK);
    }
}
