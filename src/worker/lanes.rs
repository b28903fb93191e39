//! The questions of each strand: which one runs, and which one is next.

use std::collections::{HashMap, VecDeque};
use std::time::Instant;

use tokio::task;

use super::message::{Question, Strand, Ticket};
use crate::store::Interrupt;

/// How many questions may wait on a strand that answers them all; a scanner would need minutes for that.
const WAITING_MAX: usize = 1_000;

/// A question that runs.
#[derive(Debug)]
pub(super) struct Running {
    pub ticket: Ticket,
    pub question: Question,
    pub interrupt: Interrupt,
    pub since: Instant,
    pub task: task::Id,
    /// How often it has been asked.
    pub tries: u8,
}

/// What is asked on one strand.
#[derive(Debug, Default)]
struct Lane {
    running: Option<Running>,
    waiting: VecDeque<(Ticket, Question, u8)>,
}

/// What is asked on all strands.
#[derive(Debug, Default)]
pub(super) struct Lanes(HashMap<Strand, Lane>);

impl Lanes {
    /// Puts a question in its place: behind the others, or instead of them. Returns false when there
    /// is no room.
    pub fn admit(&mut self, ticket: Ticket, question: Question) -> bool {
        let lane = self.0.entry(ticket.strand).or_default();
        if !ticket.strand.answers_all() {
            lane.waiting.clear();
        }
        if lane.waiting.len() >= WAITING_MAX {
            return false;
        }
        lane.waiting.push_back((ticket, question, 1));
        true
    }

    /// The next question of a strand on which none runs, and how often it will have been asked.
    pub fn next(&mut self, strand: Strand) -> Option<(Ticket, Question, u8)> {
        let lane = self.0.get_mut(&strand)?;
        if lane.running.is_some() { None } else { lane.waiting.pop_front() }
    }

    pub fn started(&mut self, running: Running) {
        let lane = self.0.entry(running.ticket.strand).or_default();
        lane.running = Some(running);
    }

    /// Takes out the question that a task ran.
    pub fn ended(&mut self, task: task::Id) -> Option<Running> {
        self.0.values_mut().find_map(|lane| lane.running.take_if(|running| running.task == task))
    }

    /// Whether a newer question has taken this one's place.
    pub fn is_superseded(&self, strand: Strand) -> bool {
        !strand.answers_all() && self.0.get(&strand).is_some_and(|lane| !lane.waiting.is_empty())
    }

    /// The question to be called off, when it has run since before `then` and a newer one waits.
    pub fn overdue(&self, strand: Strand, then: Instant) -> Option<&Running> {
        let lane = self.0.get(&strand)?;
        let running = lane.running.as_ref()?;
        (self.is_superseded(strand) && running.since <= then).then_some(running)
    }

    /// Puts a question back at the head of its strand, to be asked again, unless it is superseded.
    pub fn put_back(&mut self, running: Running) {
        let strand = running.ticket.strand;
        if !self.is_superseded(strand) {
            let lane = self.0.entry(strand).or_default();
            lane.waiting.push_front((running.ticket, running.question, running.tries.saturating_add(1)));
        }
    }

    /// Takes out everything that runs.
    pub fn take_running(&mut self) -> Vec<Running> {
        self.0.values_mut().filter_map(|lane| lane.running.take()).collect()
    }

    /// The strands on which something waits.
    pub fn waiting(&self) -> Vec<Strand> {
        self.0.iter().filter(|(_, lane)| !lane.waiting.is_empty()).map(|(strand, _)| *strand).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket(strand: Strand, number: u64) -> Ticket {
        Ticket { strand, number }
    }

    #[test]
    fn a_newer_question_takes_the_place_of_an_older_one() {
        let mut lanes = Lanes::default();
        for number in 1..=3 {
            assert!(lanes.admit(ticket(Strand::Search, number), Question::Estimate));
            assert!(lanes.admit(ticket(Strand::Scan, number), Question::Scan(number.to_string())));
        }
        let numbers = |lanes: &mut Lanes, strand| -> Vec<u64> {
            std::iter::from_fn(|| lanes.next(strand)).map(|(ticket, ..)| ticket.number).collect()
        };
        assert_eq!(numbers(&mut lanes, Strand::Search), [3]);
        assert_eq!(numbers(&mut lanes, Strand::Scan), [1, 2, 3]);
    }

    #[test]
    fn room_is_limited() {
        let mut lanes = Lanes::default();
        for number in 0..WAITING_MAX {
            assert!(lanes.admit(ticket(Strand::Scan, number as u64), Question::Scan(String::new())));
        }
        assert!(!lanes.admit(ticket(Strand::Scan, 0), Question::Scan(String::new())));
    }
}
