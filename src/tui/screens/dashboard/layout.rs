//! The positions of the panels: all of them in a grid if there is room, otherwise one at a time.

use ratatui::layout::{Constraint, Layout, Rect};

use super::panels::{GRID_ROWS, PANELS};
use crate::tui::command::Command;

/// The smallest size of the grid: below it the lists would lose their essential columns.
const GRID_WIDTH_MIN: u16 = 100;
const GRID_HEIGHT_MIN: u16 = 27;
/// The width of the panel of the value: an amount with its name.
const VALUE_WIDTH_MIN: u16 = 30;

/// Whether there is room for the grid.
pub(super) fn has_room(area: Rect) -> bool {
    area.width >= GRID_WIDTH_MIN && area.height >= GRID_HEIGHT_MIN
}

/// The areas of the grid, in the order of [`PANELS`].
pub(super) fn grid(area: Rect) -> Vec<Rect> {
    let rows = u16::try_from(GRID_ROWS.len()).unwrap_or(u16::MAX);
    let lower = area.height.saturating_sub(2) / rows;
    let value_width = VALUE_WIDTH_MIN.max(area.width * 3 / 10);
    let heights = (0..rows).map(|row| if row == 0 { Constraint::Min(1) } else { Constraint::Length(lower) });
    let mut areas = Vec::with_capacity(PANELS.len());
    for (position, (row, panels)) in Layout::vertical(heights).split(area).iter().zip(GRID_ROWS).enumerate() {
        let width = |panel: usize| match (position, panel) {
            (0, 0) => Constraint::Min(1),
            (0, _) => Constraint::Length(value_width),
            _ => Constraint::Fill(1),
        };
        areas.extend_from_slice(&Layout::horizontal((0..*panels).map(width)).split(*row));
    }
    areas
}

/// The panel that a command leads to from another. `areas` is the grid, empty if there is none.
pub(super) fn toward(from: usize, command: Command, areas: &[Rect]) -> usize {
    let last = PANELS.len() - 1;
    match command {
        Command::First => 0,
        Command::Last => last,
        Command::NextPanel => (from + 1) % PANELS.len(),
        Command::PreviousPanel => (from + last) % PANELS.len(),
        Command::Up | Command::Down | Command::PanelLeft | Command::PanelRight if !areas.is_empty() => {
            beside(from, command, areas).unwrap_or(from)
        }
        Command::Up | Command::PanelLeft | Command::PageUp => from.saturating_sub(1),
        Command::Down | Command::PanelRight | Command::PageDown => (from + 1).min(last),
        _ => from,
    }
}

/// The first panel that touches another one in a direction, along at least half of the shorter side.
fn beside(from: usize, command: Command, areas: &[Rect]) -> Option<usize> {
    let here = areas.get(from)?;
    let touches = |there: &Rect| match command {
        Command::Up => there.bottom() == here.y,
        Command::Down => there.y == here.bottom(),
        Command::PanelLeft => there.right() == here.x,
        _ => there.x == here.right(),
    };
    let along = |there: &Rect| {
        let shared = here.intersection(Rect { y: here.y, height: here.height, ..*there }).width;
        let beside = here.intersection(Rect { x: here.x, width: here.width, ..*there }).height;
        match command {
            Command::Up | Command::Down => shared * 2 >= here.width.min(there.width),
            _ => beside * 2 >= here.height.min(there.height),
        }
    };
    areas.iter().position(|there| touches(there) && along(there))
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
                let there = areas[toward(from, command, &areas)];
                let right_way = match command {
                    Command::Up => there.bottom() == here.y,
                    Command::Down => there.y == here.bottom(),
                    Command::PanelLeft => there.right() == here.x,
                    _ => there.x == here.right(),
                };
                assert!(if beyond { there == *here } else { right_way }, "{command:?} from {from}");
            }
        }
        assert_eq!(GRID_ROWS.iter().sum::<usize>(), PANELS.len());
        let round = PANELS.iter().fold(0, |at, _| toward(at, Command::NextPanel, &areas));
        assert_eq!(round, 0);
        let last = PANELS.len() - 1;
        assert_eq!(toward(0, Command::PreviousPanel, &[]), last);
        assert_eq!(toward(last, Command::Down, &[]), last);
    }
}
