//! Where the panels stand: all of them in a grid when there is room, else one at a time.

use ratatui::layout::{Constraint, Layout, Rect};

use crate::tui::command::Command;
use crate::worker::message::Panel;

/// The panels, in the order of the grid.
pub(super) const PANELS: [Panel; 8] = [
    Panel::Hours,
    Panel::Value,
    Panel::Low,
    Panel::Expiring,
    Panel::Top,
    Panel::Slow,
    Panel::People,
    Panel::Activity,
];

/// The panels above, below, left and right of each, by their positions in [`PANELS`].
const NEIGHBOURS: [[usize; 4]; 8] = [
    [0, 2, 0, 1],
    [1, 4, 0, 1],
    [0, 5, 2, 3],
    [0, 6, 2, 4],
    [1, 7, 3, 4],
    [2, 5, 5, 6],
    [3, 6, 5, 7],
    [4, 7, 6, 7],
];

/// The least size of the grid: below it the lists would lose the columns that they are about.
const GRID_WIDTH_MIN: u16 = 100;
const GRID_HEIGHT_MIN: u16 = 24;
/// How much of the width the value takes: an amount with its name.
const VALUE_WIDTH_MIN: u16 = 30;

/// Whether the grid has room.
pub(super) fn has_room(area: Rect) -> bool {
    area.width >= GRID_WIDTH_MIN && area.height >= GRID_HEIGHT_MIN
}

/// The areas of the grid, in the order of [`PANELS`].
pub(super) fn grid(area: Rect) -> [Rect; 8] {
    let lower = area.height.saturating_sub(2) / 3;
    let [top, middle, bottom] =
        Layout::vertical([Constraint::Min(1), Constraint::Length(lower), Constraint::Length(lower)])
            .areas(area);
    let value_width = VALUE_WIDTH_MIN.max(area.width * 3 / 10);
    let [hours, value] = Layout::horizontal([Constraint::Min(1), Constraint::Length(value_width)]).areas(top);
    let thirds = Layout::horizontal([Constraint::Fill(1); 3]);
    let [low, expiring, most] = thirds.areas(middle);
    let [slow, people, activity] = thirds.areas(bottom);
    [hours, value, low, expiring, most, slow, people, activity]
}

/// The panel that a command leads to from another.
pub(super) fn toward(from: usize, command: Command, grid: bool) -> usize {
    let last = PANELS.len() - 1;
    let [above, below, left, right] = NEIGHBOURS[from.min(last)];
    match command {
        Command::First => 0,
        Command::Last => last,
        Command::NextPanel => (from + 1) % PANELS.len(),
        Command::PreviousPanel => (from + last) % PANELS.len(),
        Command::Up if grid => above,
        Command::Down if grid => below,
        Command::PanelLeft if grid => left,
        Command::PanelRight if grid => right,
        Command::Up | Command::PanelLeft | Command::PageUp => from.saturating_sub(1),
        Command::Down | Command::PanelRight | Command::PageDown => (from + 1).min(last),
        _ => from,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_panel_is_reached_and_there_is_a_way_back() {
        let area = Rect { x: 0, y: 1, width: 140, height: 38 };
        let areas = grid(area);
        assert_eq!(areas.iter().map(|area| area.area()).sum::<u32>(), area.area());
        for (from, here) in areas.iter().enumerate() {
            for (command, beyond) in [
                (Command::Up, here.y == area.y),
                (Command::Down, here.bottom() == area.bottom()),
                (Command::PanelLeft, here.x == area.x),
                (Command::PanelRight, here.right() == area.right()),
            ] {
                let there = areas[toward(from, command, true)];
                let right_way = match command {
                    Command::Up => there.bottom() == here.y,
                    Command::Down => there.y == here.bottom(),
                    Command::PanelLeft => there.right() == here.x,
                    _ => there.x == here.right(),
                };
                assert!(if beyond { there == *here } else { right_way }, "{command:?} from {from}");
            }
        }
        let round = PANELS.iter().fold(0, |at, _| toward(at, Command::NextPanel, true));
        assert_eq!(round, 0);
        assert_eq!(toward(0, Command::PreviousPanel, false), 7);
        assert_eq!(toward(7, Command::Down, false), 7);
    }
}
