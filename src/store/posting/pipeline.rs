//! Sends several statements without waiting for the answers in between.
//!
//! The client library sends a statement when its future is first polled, and flushes once for all that were polled
//! together. Futures that are first polled in order therefore make one round trip, and the server runs them in that
//! order.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// A statement that has been started, as a future of its result.
pub(super) type Step<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Runs all steps concurrently, polling them in order, which the order of the statements depends on. `join_all` of the
/// futures library does not promise this for long lists.
pub(super) async fn in_order<T>(steps: Vec<Step<'_, T>>) -> Vec<T> {
    let mut steps: Vec<(Option<Step<'_, T>>, Option<T>)> =
        steps.into_iter().map(|step| (Some(step), None)).collect();
    poll_fn(move |context| {
        let mut pending = false;
        for (step, output) in &mut steps {
            let Some(running) = step else { continue };
            match running.as_mut().poll(context) {
                Poll::Ready(value) => {
                    *output = Some(value);
                    *step = None;
                }
                Poll::Pending => pending = true,
            }
        }
        if pending {
            return Poll::Pending;
        }
        Poll::Ready(steps.iter_mut().filter_map(|(_, output)| output.take()).collect())
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[tokio::test]
    async fn polls_in_order_however_many() {
        let seen = Mutex::new(Vec::new());
        let steps: Vec<Step<'_, usize>> = (0..200_usize)
            .map(|number| {
                let seen = &seen;
                Box::pin(async move {
                    seen.lock().unwrap().push(number);
                    tokio::task::yield_now().await;
                    number
                }) as Step<'_, usize>
            })
            .collect();
        let outputs: Vec<usize> = in_order(steps).await;
        assert!(outputs.is_sorted() && outputs.len() == 200);
        assert!(seen.lock().unwrap().is_sorted());
    }
}
