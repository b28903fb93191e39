//! Colours and styles. Nothing is conveyed by colour alone: beside it there is always a word or a sign.

use std::collections::BTreeMap;

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;

/// The styles of all elements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    pub text: Style,
    /// Less important text: units, hints, placeholders.
    pub dim: Style,
    pub title: Style,
    pub border: Style,
    /// The border of what has the focus.
    pub border_focus: Style,
    pub selection: Style,
    /// The selected row of a list that does not have the focus.
    pub selection_dim: Style,
    /// A text field.
    pub field: Style,
    /// The text field with the focus.
    pub field_focus: Style,
    /// A key in a hint.
    pub key: Style,
    /// The tab of the shown screen.
    pub tab: Style,
    pub good: Style,
    pub warning: Style,
    pub bad: Style,
    /// Bars and lines of charts.
    pub chart: Style,
}

/// The themes that are built in.
pub const BUILT_IN: [&str; 4] = ["dark", "light", "high-contrast", "plain"];

/// The settings of one style in the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StyleSpec {
    /// The colour of the text: a name such as `cyan`, `#rrggbb`, or a number of the palette.
    pub fg: Option<String>,
    pub bg: Option<String>,
    #[serde(default)]
    pub bold: bool,
    #[serde(default)]
    pub underlined: bool,
    #[serde(default)]
    pub reversed: bool,
}

/// Why the theme of the configuration cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ThemeError {
    /// A theme that does not exist.
    #[error("there is no theme \"{0}\"; use dark, light, high-contrast or plain")]
    Unknown(String),
    /// A style that does not exist.
    #[error("[theme_styles] names the style \"{0}\", which does not exist; docs/terminal.md lists them")]
    UnknownStyle(String),
    /// A colour that does not exist.
    #[error("[theme_styles] {style}: \"{color}\" is not a colour; write a name such as cyan, or #rrggbb")]
    UnknownColor { style: String, color: String },
}

impl Theme {
    /// A built-in theme with the changes of the configuration. Without colours (`NO_COLOR`) it is the plain one,
    /// whichever was chosen.
    ///
    /// # Errors
    /// [`ThemeError`] for an unknown name or colour.
    pub fn new(
        name: Option<&str>,
        changes: &BTreeMap<String, StyleSpec>,
        colors: bool,
    ) -> Result<Self, ThemeError> {
        let mut theme = match name.unwrap_or("dark") {
            "dark" => Self::dark(),
            "light" => Self::light(),
            "high-contrast" => Self::high_contrast(),
            "plain" => Self::plain(),
            other => return Err(ThemeError::Unknown(other.to_owned())),
        };
        for (style, spec) in changes {
            let changed = spec.style(style)?;
            *theme.named(style).ok_or_else(|| ThemeError::UnknownStyle(style.clone()))? = changed;
        }
        Ok(if colors { theme } else { Self::plain() })
    }

    fn named(&mut self, name: &str) -> Option<&mut Style> {
        Some(match name {
            "text" => &mut self.text,
            "dim" => &mut self.dim,
            "title" => &mut self.title,
            "border" => &mut self.border,
            "border_focus" => &mut self.border_focus,
            "selection" => &mut self.selection,
            "selection_dim" => &mut self.selection_dim,
            "field" => &mut self.field,
            "field_focus" => &mut self.field_focus,
            "key" => &mut self.key,
            "tab" => &mut self.tab,
            "good" => &mut self.good,
            "warning" => &mut self.warning,
            "bad" => &mut self.bad,
            "chart" => &mut self.chart,
            _ => return None,
        })
    }

    fn dark() -> Self {
        let text = Style::new();
        Self {
            text,
            dim: text.fg(Color::Indexed(245)),
            title: text.fg(Color::Indexed(110)).add_modifier(Modifier::BOLD),
            border: text.fg(Color::Indexed(240)),
            border_focus: text.fg(Color::Indexed(110)),
            selection: text.fg(Color::Indexed(231)).bg(Color::Indexed(24)),
            selection_dim: text.bg(Color::Indexed(237)),
            field: text.fg(Color::Indexed(252)).bg(Color::Indexed(235)),
            field_focus: text.fg(Color::Indexed(231)).bg(Color::Indexed(238)),
            key: text.fg(Color::Indexed(179)),
            tab: text.fg(Color::Indexed(231)).bg(Color::Indexed(24)).add_modifier(Modifier::BOLD),
            good: text.fg(Color::Indexed(114)),
            warning: text.fg(Color::Indexed(221)),
            bad: text.fg(Color::Indexed(210)).add_modifier(Modifier::BOLD),
            chart: text.fg(Color::Indexed(73)),
        }
    }

    fn light() -> Self {
        let text = Style::new().fg(Color::Indexed(235)).bg(Color::Indexed(255));
        Self {
            text,
            dim: text.fg(Color::Indexed(242)),
            title: text.fg(Color::Indexed(25)).add_modifier(Modifier::BOLD),
            border: text.fg(Color::Indexed(248)),
            border_focus: text.fg(Color::Indexed(25)),
            selection: text.fg(Color::Indexed(231)).bg(Color::Indexed(25)),
            selection_dim: text.bg(Color::Indexed(252)),
            field: text.bg(Color::Indexed(253)),
            field_focus: text.bg(Color::Indexed(229)),
            key: text.fg(Color::Indexed(94)).add_modifier(Modifier::BOLD),
            tab: text.fg(Color::Indexed(231)).bg(Color::Indexed(25)).add_modifier(Modifier::BOLD),
            good: text.fg(Color::Indexed(22)),
            warning: text.fg(Color::Indexed(130)).add_modifier(Modifier::BOLD),
            bad: text.fg(Color::Indexed(124)).add_modifier(Modifier::BOLD),
            chart: text.fg(Color::Indexed(25)),
        }
    }

    /// Black, white and yellow: a contrast of at least 7 to 1 (WCAG 2.1, 1.4.6).
    fn high_contrast() -> Self {
        let text = Style::new().fg(Color::Rgb(255, 255, 255)).bg(Color::Rgb(0, 0, 0));
        let yellow = Color::Rgb(255, 255, 0);
        let black = Color::Rgb(0, 0, 0);
        Self {
            text,
            dim: text,
            title: text.fg(yellow).add_modifier(Modifier::BOLD),
            border: text,
            border_focus: text.fg(yellow).add_modifier(Modifier::BOLD),
            selection: Style::new().fg(black).bg(yellow).add_modifier(Modifier::BOLD),
            selection_dim: text.add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
            field: text.add_modifier(Modifier::UNDERLINED),
            field_focus: Style::new().fg(black).bg(Color::Rgb(255, 255, 255)),
            key: text.fg(yellow).add_modifier(Modifier::BOLD),
            tab: Style::new().fg(black).bg(yellow).add_modifier(Modifier::BOLD),
            good: text.fg(Color::Rgb(0, 255, 0)).add_modifier(Modifier::BOLD),
            warning: text.fg(yellow).add_modifier(Modifier::BOLD),
            bad: text.fg(Color::Rgb(255, 170, 170)).add_modifier(Modifier::BOLD | Modifier::REVERSED),
            chart: text.fg(yellow),
        }
    }

    /// No colours at all: bold, underlined and reversed only.
    fn plain() -> Self {
        let text = Style::new();
        let bold = text.add_modifier(Modifier::BOLD);
        Self {
            text,
            dim: text,
            title: bold,
            border: text,
            border_focus: bold,
            selection: text.add_modifier(Modifier::REVERSED),
            selection_dim: bold,
            field: text.add_modifier(Modifier::UNDERLINED),
            field_focus: text.add_modifier(Modifier::REVERSED),
            key: bold,
            tab: text.add_modifier(Modifier::REVERSED | Modifier::BOLD),
            good: text,
            warning: bold,
            bad: text.add_modifier(Modifier::BOLD | Modifier::REVERSED),
            chart: text,
        }
    }
}

impl StyleSpec {
    fn style(&self, name: &str) -> Result<Style, ThemeError> {
        let color = |text: &Option<String>| -> Result<Option<Color>, ThemeError> {
            text.as_ref()
                .map(|text| {
                    text.parse()
                        .map_err(|_| ThemeError::UnknownColor { style: name.to_owned(), color: text.clone() })
                })
                .transpose()
        };
        let mut style = Style { fg: color(&self.fg)?, bg: color(&self.bg)?, ..Style::new() };
        for (wanted, modifier) in [
            (self.bold, Modifier::BOLD),
            (self.underlined, Modifier::UNDERLINED),
            (self.reversed, Modifier::REVERSED),
        ] {
            if wanted {
                style = style.add_modifier(modifier);
            }
        }
        Ok(style)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn themes_and_changes() {
        for name in BUILT_IN {
            assert!(Theme::new(Some(name), &BTreeMap::new(), true).is_ok());
        }
        let changes: BTreeMap<String, StyleSpec> = [(
            "bad".to_owned(),
            StyleSpec { fg: Some("#ff0000".to_owned()), bold: true, ..StyleSpec::default() },
        )]
        .into();
        let theme = Theme::new(None, &changes, true).unwrap();
        assert_eq!(theme.bad, Style::new().fg(Color::Rgb(255, 0, 0)).add_modifier(Modifier::BOLD));
        assert_eq!(Theme::new(None, &changes, false).unwrap(), Theme::plain());
        assert!(Theme::new(Some("pink"), &BTreeMap::new(), true).is_err());
        let odd = |style: &str, fg: &str| {
            let spec = StyleSpec { fg: Some(fg.to_owned()), ..StyleSpec::default() };
            Theme::new(None, &[(style.to_owned(), spec)].into(), true)
        };
        assert!(odd("badd", "red").is_err());
        assert!(odd("bad", "reddish").is_err());
    }

    #[test]
    fn the_plain_theme_has_no_colour() {
        let mut plain = Theme::plain();
        for name in ["text", "selection", "good", "bad", "warning", "chart", "field_focus"] {
            let style = plain.named(name).unwrap();
            assert!(style.fg.is_none() && style.bg.is_none(), "{name}");
        }
    }
}
