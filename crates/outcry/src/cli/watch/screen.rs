//! The screen: draws pictures on a terminal until somebody leaves, and gives the terminal back as
//! it was, whatever happens.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::TryRecvError;
use std::time::Duration;

use crossterm::cursor::Hide;
use crossterm::cursor::MoveTo;
use crossterm::cursor::Show;
use crossterm::event;
use crossterm::event::Event;
use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use crossterm::event::KeyEventKind;
use crossterm::event::KeyModifiers;
use crossterm::execute;
use crossterm::queue;
use crossterm::style::Print;
use crossterm::terminal::BeginSynchronizedUpdate;
use crossterm::terminal::Clear;
use crossterm::terminal::ClearType;
use crossterm::terminal::EndSynchronizedUpdate;
use crossterm::terminal::EnterAlternateScreen;
use crossterm::terminal::LeaveAlternateScreen;
use rustix::event::PollFd;
use rustix::event::PollFlags;
use rustix::event::Timespec;

use crate::cli::paint::Paint;
use crate::cli::paint::cut;
use crate::cli::watch::draw;
use crate::cli::watch::draw::Fill;
use crate::cli::watch::draw::Size;
use crate::cli::watch::picture::Picture;

/// How long a key waits at most for a new picture, and a signal for both.
const WAIT: Duration = Duration::from_millis(200);
/// How long after a signal the program may take to leave.
const GRACE: Duration = Duration::from_secs(2);
/// What the last line says.
const KEYS: &str = "q leaves";

/// A terminal that is given back when this goes out of sight.
struct Screen;

impl Screen {
    fn take() -> std::io::Result<Self> {
        crossterm::terminal::enable_raw_mode()?;
        // From here on it is given back even when the next step fails.
        let screen = Self;
        execute!(std::io::stdout(), EnterAlternateScreen, Hide)?;
        Ok(screen)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // Nothing can be done for a terminal that is gone.
        let _ = execute!(std::io::stdout(), Show, LeaveAlternateScreen);
        let _ = crossterm::terminal::disable_raw_mode();
    }
}

/// Shows pictures until somebody leaves.
///
/// # Errors
///
/// When the terminal does not take it.
pub fn show(
    first: Picture,
    pictures: &Receiver<Result<Picture, String>>,
    paint: Paint,
) -> anyhow::Result<()> {
    let told_to_end = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP] {
        signal_hook::flag::register(signal, told_to_end.clone())?;
    }
    end_in_any_case(told_to_end.clone());
    let screen = Screen::take()?;
    let (mut picture, mut fault) = (first, None);
    let mut is_new = true;
    while !told_to_end.load(Ordering::Relaxed) {
        match pictures.try_recv() {
            Ok(Ok(seen)) => {
                (picture, fault) = (seen, None);
                is_new = true;
            }
            Ok(Err(error)) => {
                fault = Some(error);
                is_new = true;
            }
            Err(TryRecvError::Empty) => {}
            Err(TryRecvError::Disconnected) => break,
        }
        if is_new {
            draw(&picture, fault.as_deref(), paint)?;
            is_new = false;
        }
        if is_hung_up(WAIT) {
            break;
        }
        while event::poll(Duration::ZERO)? {
            match event::read()? {
                Event::Key(key) if leaves(key) => told_to_end.store(true, Ordering::Relaxed),
                Event::Resize(..) => is_new = true,
                _ => {}
            }
        }
    }
    drop(screen);
    Ok(())
}

/// Waits for a key, at most so long; true when no key will ever come, because the terminal is gone.
/// What reads keys does not tell that: it would read the end again and again.
fn is_hung_up(wait: Duration) -> bool {
    let stdin = std::io::stdin();
    let mut ready = [PollFd::new(&stdin, PollFlags::IN)];
    let wait = Timespec { tv_sec: 0, tv_nsec: i64::from(wait.subsec_nanos()) };
    // A signal may interrupt it: then nothing is known yet.
    let _ = rustix::event::poll(&mut ready, Some(&wait));
    ready[0].revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL)
}

/// Ends the program when it was told to and does not: whatever holds it up, it must not stay.
fn end_in_any_case(told_to_end: Arc<AtomicBool>) {
    std::thread::spawn(move || {
        while !told_to_end.load(Ordering::Relaxed) {
            std::thread::sleep(WAIT);
        }
        std::thread::sleep(GRACE);
        let _ = crossterm::terminal::disable_raw_mode();
        std::process::exit(0);
    });
}

fn leaves(key: KeyEvent) -> bool {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    key.kind == KeyEventKind::Press
        && match key.code {
            KeyCode::Char('q' | 'Q') | KeyCode::Esc => true,
            KeyCode::Char('c' | 'd') => control,
            _ => false,
        }
}

/// Draws over what was there, so that nothing flickers.
fn draw(picture: &Picture, fault: Option<&str>, paint: Paint) -> std::io::Result<()> {
    let (columns, lines) = crossterm::terminal::size()?;
    let size = Size { columns, lines: lines.saturating_sub(1), fill: Fill::Whole };
    let mut out = std::io::stdout().lock();
    queue!(out, BeginSynchronizedUpdate, MoveTo(0, 0))?;
    for line in draw::picture(picture, size, paint) {
        queue!(out, Print(line), Clear(ClearType::UntilNewLine), Print("\r\n"))?;
    }
    queue!(out, Clear(ClearType::FromCursorDown), MoveTo(0, lines.saturating_sub(1)))?;
    let room = usize::from(columns).saturating_sub(2);
    let last = match fault {
        Some(fault) => paint.alarm(&cut(&format!("{fault}; this is older"), room)),
        None => paint.dim(&cut(KEYS, room)),
    };
    queue!(out, Print(" "), Print(last), EndSynchronizedUpdate)?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn these_keys_leave_and_no_others() {
        for (code, modifiers, want) in [
            (KeyCode::Char('q'), KeyModifiers::NONE, true),
            (KeyCode::Char('c'), KeyModifiers::CONTROL, true),
            (KeyCode::Esc, KeyModifiers::NONE, true),
            (KeyCode::Char('c'), KeyModifiers::NONE, false),
            (KeyCode::Char('x'), KeyModifiers::NONE, false),
        ] {
            assert_eq!(leaves(KeyEvent::new(code, modifiers)), want, "{code:?}");
        }
    }
}
