//! The questions with each query key: the running one, and the ones that wait.

use std::collections::{HashMap, VecDeque};
use std::time::Instant;

use tokio::task;

use super::query::{Answered, QueryKey, Question, Ticket};
use crate::store::Cancellation;

/// How many questions may wait for a query key that answers all of them; a scanner would need minutes for as many.
const WAITING_MAX: usize = 1_000;

/// A question that is being answered, with its task and its cancellation.
#[derive(Debug)]
pub(super) struct Running {
    pub ticket: Ticket,
    pub question: Question,
    pub cancellation: Cancellation,
    pub since: Instant,
    pub task: task::Id,
    /// How often it has been asked.
    pub tries: u8,
}

/// The questions with one query key.
#[derive(Debug, Default)]
struct QueryQueue {
    running: Option<Running>,
    waiting: VecDeque<(Ticket, Question, u8)>,
}

/// The questions with all query keys.
#[derive(Debug, Default)]
pub(super) struct QueryQueues(HashMap<QueryKey, QueryQueue>);

impl QueryQueues {
    /// Adds a question: after the others, or in their place. Returns false if the queue is full.
    pub fn admit(&mut self, ticket: Ticket, question: Question) -> bool {
        let queue = self.0.entry(ticket.query_key).or_default();
        if ticket.query_key.answered() == Answered::Latest {
            queue.waiting.clear();
        }
        if queue.waiting.len() >= WAITING_MAX {
            return false;
        }
        queue.waiting.push_back((ticket, question, 1));
        true
    }

    /// The next question with a query key for which none runs, and how often it will have been asked.
    pub fn next(&mut self, query_key: QueryKey) -> Option<(Ticket, Question, u8)> {
        let queue = self.0.get_mut(&query_key)?;
        if queue.running.is_some() { None } else { queue.waiting.pop_front() }
    }

    pub fn started(&mut self, running: Running) {
        let queue = self.0.entry(running.ticket.query_key).or_default();
        queue.running = Some(running);
    }

    /// Removes and returns the question that a task ran.
    pub fn ended(&mut self, task: task::Id) -> Option<Running> {
        self.0.values_mut().find_map(|queue| queue.running.take_if(|running| running.task == task))
    }

    /// Whether a newer question has superseded the running one.
    pub fn is_superseded(&self, query_key: QueryKey) -> bool {
        query_key.answered() == Answered::Latest
            && self.0.get(&query_key).is_some_and(|queue| !queue.waiting.is_empty())
    }

    /// The question to be cancelled, if it has run since before `then` and a newer one waits.
    pub fn overdue(&self, query_key: QueryKey, then: Instant) -> Option<&Running> {
        let queue = self.0.get(&query_key)?;
        let running = queue.running.as_ref()?;
        (self.is_superseded(query_key) && running.since <= then).then_some(running)
    }

    /// Puts a question back at the head of its queue, to be asked again, unless it is superseded.
    pub fn put_back(&mut self, running: Running) {
        let query_key = running.ticket.query_key;
        if !self.is_superseded(query_key) {
            let queue = self.0.entry(query_key).or_default();
            queue.waiting.push_front((running.ticket, running.question, running.tries.saturating_add(1)));
        }
    }

    /// Removes and returns all running questions.
    pub fn take_running(&mut self) -> Vec<Running> {
        self.0.values_mut().filter_map(|queue| queue.running.take()).collect()
    }

    /// The query keys for which questions wait.
    pub fn waiting(&self) -> Vec<QueryKey> {
        self.0
            .iter()
            .filter(|(_, queue)| !queue.waiting.is_empty())
            .map(|(query_key, _)| *query_key)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worker::query::{Estimate, Scan};

    fn ticket(query_key: QueryKey, number: u64) -> Ticket {
        Ticket { query_key, number }
    }

    fn scan(text: String) -> Question {
        Scan { text }.into()
    }

    #[test]
    fn a_newer_question_takes_the_place_of_an_older_one() {
        let mut queues = QueryQueues::default();
        for number in 1..=3 {
            assert!(queues.admit(ticket(QueryKey::Search, number), Estimate {}.into()));
            assert!(queues.admit(ticket(QueryKey::Scan, number), scan(number.to_string())));
        }
        let numbers = |queues: &mut QueryQueues, query_key| -> Vec<u64> {
            std::iter::from_fn(|| queues.next(query_key)).map(|(ticket, ..)| ticket.number).collect()
        };
        assert_eq!(numbers(&mut queues, QueryKey::Search), [3]);
        assert_eq!(numbers(&mut queues, QueryKey::Scan), [1, 2, 3]);
    }

    #[test]
    fn room_is_limited() {
        let mut queues = QueryQueues::default();
        for number in 0..WAITING_MAX {
            assert!(queues.admit(ticket(QueryKey::Scan, number as u64), scan(String::new())));
        }
        assert!(!queues.admit(ticket(QueryKey::Scan, 0), scan(String::new())));
    }
}
