//! A context without a program around it, for tests of views and widgets.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rand::SeedableRng as _;
use rand::rngs::SmallRng;

use super::{Action, Context, Effect, Notices};
use crate::domain::PeopleNames;
use crate::tui::keymap::{Keymap, Rights};
use crate::tui::locale::Language;
use crate::tui::text::Words;

/// What a context contains, and what was requested of it.
pub struct Fixture {
    keymap: Keymap,
    zone: TimeZone,
    people: PeopleNames,
    pub effects: Vec<Effect>,
    pub actions: Vec<Action>,
    pub notices: Notices,
    questions: u64,
    random: SmallRng,
}

impl Fixture {
    pub fn new() -> Self {
        Self {
            keymap: Keymap::new(&BTreeMap::new()).unwrap(),
            zone: TimeZone::UTC,
            people: PeopleNames::default(),
            effects: Vec::new(),
            actions: Vec::new(),
            notices: Notices::default(),
            questions: 0,
            random: SmallRng::seed_from_u64(1),
        }
    }

    /// A context whose time does not advance.
    pub fn context(&mut self) -> Context<'_> {
        Context {
            now: "2026-11-20T09:30:00Z".parse::<Timestamp>().unwrap(),
            zone: &self.zone,
            words: Words::new(Language::English),
            rights: Rights { posts: true, oversees: true, administers: true },
            people: &self.people,
            keymap: &self.keymap,
            effects: &mut self.effects,
            actions: &mut self.actions,
            notices: &mut self.notices,
            questions: &mut self.questions,
            random: &mut self.random,
        }
    }
}
