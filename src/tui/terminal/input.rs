//! Converts events of the terminal into messages of the application.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEventKind};

use crate::tui::app::Message;
use crate::tui::key::{Code, Key};

/// The message for an event, if there is one.
pub(super) fn message(event: Event) -> Option<Message> {
    match event {
        Event::Key(event) if event.kind != KeyEventKind::Release => key(event).map(Message::Key),
        Event::Paste(text) => Some(Message::Paste(text)),
        Event::Mouse(mouse) => match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => Some(Message::Click { x: mouse.column, y: mouse.row }),
            MouseEventKind::ScrollDown => Some(Message::Wheel { down: true }),
            MouseEventKind::ScrollUp => Some(Message::Wheel { down: false }),
            _ => None,
        },
        Event::Resize(..) => Some(Message::Tick),
        Event::Key(_) | Event::FocusGained | Event::FocusLost => None,
    }
}

fn key(event: KeyEvent) -> Option<Key> {
    let shift = event.modifiers.contains(KeyModifiers::SHIFT);
    let (code, shift) = match event.code {
        KeyCode::Char(character) => (Code::Char(character), false),
        KeyCode::BackTab => (Code::Tab, true),
        KeyCode::Enter => (Code::Enter, shift),
        KeyCode::Esc => (Code::Escape, shift),
        KeyCode::Tab => (Code::Tab, shift),
        KeyCode::Backspace => (Code::Backspace, shift),
        KeyCode::Delete => (Code::Delete, shift),
        KeyCode::Insert => (Code::Insert, shift),
        KeyCode::Up => (Code::Up, shift),
        KeyCode::Down => (Code::Down, shift),
        KeyCode::Left => (Code::Left, shift),
        KeyCode::Right => (Code::Right, shift),
        KeyCode::Home => (Code::Home, shift),
        KeyCode::End => (Code::End, shift),
        KeyCode::PageUp => (Code::PageUp, shift),
        KeyCode::PageDown => (Code::PageDown, shift),
        KeyCode::F(number) => (Code::Function(number), shift),
        _ => return None,
    };
    let held = |modifier| event.modifiers.contains(modifier);
    let mut key = Key { code, ctrl: held(KeyModifiers::CONTROL), alt: held(KeyModifiers::ALT), shift };
    if let (Code::Char(character), true) = (key.code, key.ctrl) {
        key.code = match character {
            // Terminals without the newer protocols cannot distinguish these: Ctrl-H is Backspace, Ctrl-M and Ctrl-J
            // are Enter (a scanner may send a line feed), Ctrl-I is Tab.
            'h' => Code::Backspace,
            'm' | 'j' => Code::Enter,
            'i' => Code::Tab,
            other => Code::Char(other.to_ascii_lowercase()),
        };
        key.ctrl = matches!(key.code, Code::Char(_));
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_the_terminal() {
        let press = |code, modifiers| key(KeyEvent::new(code, modifiers)).map(|key| key.to_string());
        assert_eq!(press(KeyCode::BackTab, KeyModifiers::SHIFT).as_deref(), Some("shift-tab"));
        assert_eq!(press(KeyCode::Char('S'), KeyModifiers::SHIFT).as_deref(), Some("S"));
        assert_eq!(press(KeyCode::Char('s'), KeyModifiers::CONTROL).as_deref(), Some("ctrl-s"));
        assert_eq!(press(KeyCode::Char('j'), KeyModifiers::CONTROL).as_deref(), Some("enter"));
        assert_eq!(press(KeyCode::Char('h'), KeyModifiers::CONTROL).as_deref(), Some("backspace"));
        assert_eq!(press(KeyCode::F(12), KeyModifiers::NONE).as_deref(), Some("f12"));
        assert_eq!(press(KeyCode::CapsLock, KeyModifiers::NONE), None);
    }
}
