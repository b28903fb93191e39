//! The connection is lost while a posting is committed: what the clerk sees while waiting and afterwards, and what is
//! in the ledger.

use std::time::Duration;

use super::leave;
use crate::support::database::TestDatabase;
use crate::support::proxy::{At, Proxy};
use crate::support::raw::{assert_books_balance, number};
use crate::support::screen::Screen;
use crate::support::server::TestServer;

/// How long the question may take to appear: the program tries to find out for 20 s before it asks, and
/// then with growing pauses.
const FOUND_OUT_MAX: Duration = Duration::from_secs(60);
const RECEIVED: &str = "Received 1 line, 7 units into A";
const QUESTION: &str = "It is not known whether this was posted";

/// A clerk who is about to receive seven of a product, on a line that will break and stay broken.
struct Clerk {
    proxy: Proxy,
    screen: Screen,
}

impl Clerk {
    async fn about_to_receive(database: &TestDatabase, sku: &str, at: At) -> Self {
        let proxy = Proxy::new(TestServer::shared().port()).await;
        let screen = Screen::start(&["--database-url", &proxy.url(&database.url("clerk"))], &[], 100, 30);
        screen.wait_for("Product W1");
        screen.keys(&format!("<f3>A<enter>7*{sku}<enter>")).wait_for("1 line");
        screen.keys("<f12>").wait_for("into A?");
        proxy.break_and_stay_away(at);
        Self { proxy, screen }
    }

    fn wait_within(&self, text: &str) -> String {
        self.screen.wait_within(FOUND_OUT_MAX, text, |contents| contents.contains(text))
    }
}

async fn postings(database: &TestDatabase, sku: &str) -> i64 {
    let sql = format!(
        "SELECT count(*) FROM stock.transactions JOIN stock.products USING (product_id) WHERE sku = '{sku}'"
    );
    number(database, &sql).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_outcome_is_shown_until_it_is_known() {
    let database = TestDatabase::new().await.with_catalogue(&["W1", "W2"], &["A"]).await;
    // Of the one the server has committed and could not say so; of the other it never got the commit.
    let posted = Clerk::about_to_receive(&database, "W1", At::CommitReply).await;
    let lost = Clerk::about_to_receive(&database, "W2", At::Commit).await;
    for clerk in [&posted, &lost] {
        clerk.screen.keys("<enter>").wait_for("Posting …");
    }
    for (clerk, sku) in [(&posted, "W1"), (&lost, "W2")] {
        let contents = clerk.wait_within(QUESTION);
        assert!(contents.contains("Connection lost") && contents.contains(sku), "{contents}");
        assert!(!contents.contains("Received") && !contents.contains("Not posted"), "{contents}");
        assert_eq!(clerk.proxy.broken(), 1);
        // Whoever presses Enter again posts nothing by it.
        clerk.screen.keys("<enter>");
    }
    assert_eq!((postings(&database, "W1").await, postings(&database, "W2").await), (1, 0));

    posted.proxy.come_back();
    lost.proxy.come_back();
    let contents = posted.wait_within(RECEIVED);
    assert!(!contents.contains(QUESTION), "{contents}");
    let contents = lost.wait_within("It was not posted and nothing was changed");
    assert!(!contents.contains(QUESTION) && contents.contains("W2"), "{contents}");
    assert_eq!((postings(&database, "W1").await, postings(&database, "W2").await), (1, 0));
    // Only the clerk posts it again.
    lost.screen.keys("<f12>").wait_for(RECEIVED);
    for clerk in [posted, lost] {
        leave(clerk.screen);
    }
    assert_eq!((postings(&database, "W1").await, postings(&database, "W2").await), (1, 1));
    let on_hand = number(&database, "SELECT sum(on_hand)::bigint FROM stock.stock_levels").await;
    assert_eq!(on_hand, 14);
    assert_books_balance(&database).await;
}
