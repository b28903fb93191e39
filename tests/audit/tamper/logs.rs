//! The log on the disk, before it was collected.
#![allow(clippy::too_many_lines, reason = "the list of cases is long")]

use std::io::{Seek as _, Write as _};
use std::path::PathBuf;

use super::scene::{Scene, deleted_log, held_by_logger};
use super::{Case, case};
use crate::support::commands::receipt;
use crate::support::raw::connect;
use crate::support::wait::{until, until_blocking};

/// What a verification writes into the log, to see how far it has been collected.
const MARK: &str = "SET stockroom.barrier";

/// The lines that have not been collected yet, of the file that the server writes to.
struct Tail {
    path: PathBuf,
    collected: usize,
}

impl Tail {
    async fn of(scene: &Scene) -> Self {
        let row = scene
            .superuser
            .query_one("SELECT name, read_to FROM audit.files ORDER BY name DESC LIMIT 1", &[])
            .await
            .unwrap();
        let name: String = row.get(0);
        let collected = usize::try_from(row.get::<_, i64>(1)).unwrap();
        Self { path: scene.server.log_dir().join(name), collected }
    }

    /// Rewrites the lines that have not been collected.
    fn rewrite(&self, change: impl FnOnce(Vec<String>) -> Vec<String>) {
        let bytes = std::fs::read(&self.path).unwrap();
        let text = String::from_utf8(bytes[self.collected..].to_vec()).unwrap();
        let lines = change(text.lines().map(str::to_owned).collect());
        let mut file = std::fs::OpenOptions::new().write(true).open(&self.path).unwrap();
        file.set_len(self.collected as u64).unwrap();
        file.seek(std::io::SeekFrom::End(0)).unwrap();
        file.write_all(lines.iter().map(|line| format!("{line}\n")).collect::<String>().as_bytes()).unwrap();
    }
}

/// The place of the record of a posting among lines.
fn record(lines: &[String], id: &str) -> usize {
    lines
        .iter()
        .position(|line| line.contains("WRITE,INSERT,TABLE,stock.transactions") && line.contains(id))
        .unwrap()
}

/// Lets three postings happen behind the back of the collector, and then changes their lines. The session
/// goes on afterwards, as sessions do.
async fn behind_the_collector(scene: &mut Scene, change: impl FnOnce(Vec<String>, &str) -> Vec<String>) {
    scene.pause().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(scene.clerk.receive(receipt("B", "5", "X")).await.unwrap().posting_id.to_string());
    }
    let tail = Tail::of(scene).await;
    until("the lines are on the disk", async || {
        std::fs::read_to_string(&tail.path).unwrap().contains(&ids[2])
    })
    .await;
    tail.rewrite(|lines| change(lines, &ids[1]));
    scene.resume();
    scene.clerk.receive(receipt("B", "5", "X")).await.unwrap();
}

/// The cases.
pub fn cases() -> Vec<Case> {
    vec![
        case!("A line is removed from the log before it was collected", [RowWithoutRecord, Gap], |scene| {
            behind_the_collector(scene, |mut lines, id| {
                lines.remove(record(&lines, id));
                lines
            })
            .await;
        }),
        case!("A line of the log is altered before it was collected", [ContentDiffers], |scene| {
            behind_the_collector(scene, |mut lines, id| {
                let place = record(&lines, id);
                lines[place] = lines[place].replace(",5,,,,", ",6,,,,");
                lines
            })
            .await;
        }),
        case!("A line of the log is duplicated", [Gap], |scene| {
            behind_the_collector(scene, |mut lines, id| {
                let place = record(&lines, id);
                lines.insert(place, lines[place].clone());
                lines
            })
            .await;
        }),
        case!("Two lines of the log are swapped", [Gap], |scene| {
            behind_the_collector(scene, |mut lines, id| {
                let place = record(&lines, id);
                lines.swap(place, place + 1);
                lines
            })
            .await;
        }),
        case!("The log loses its last lines before they were collected", [RowWithoutRecord, Gap], |scene| {
            behind_the_collector(scene, |mut lines, id| {
                lines.truncate(record(&lines, id));
                lines
            })
            .await;
        }),
        case!(
            "A record with matching numbers is inserted into the log",
            [Gap, CommittedWithoutRow],
            |scene| {
                behind_the_collector(scene, |mut lines, id| {
                    let place = record(&lines, id);
                    let forged = lines[place].replace(id, &stockroom::service::new_id().to_string());
                    lines.insert(place + 1, forged);
                    lines
                })
                .await;
            }
        ),
        case!(
            "The clock of the server is set back by an hour (as its log shows it)",
            [ClockMoved],
            |scene| {
                behind_the_collector(scene, |mut lines, id| {
                    let place = record(&lines, id);
                    let earlier = (jiff::Timestamp::now() - jiff::SignedDuration::from_hours(1))
                        .strftime("%Y-%m-%d %H:%M:%S.000 UTC")
                        .to_string();
                    lines[place].replace_range(14..41, &earlier);
                    lines
                })
                .await;
            }
        ),
        case!("The log file is emptied", [Gap], |scene| {
            scene.all_collected().await;
            let path = Tail::of(scene).await.path;
            std::fs::OpenOptions::new().write(true).truncate(true).open(path).unwrap();
            // What is written before the collector notices is lost, and would be the mark of the verification.
            until("the cut is noticed", async || {
                let noted = "SELECT FROM audit.lines WHERE substring(raw FROM 1 FOR 24) = convert_to('{\"collector\":\"truncated\"', 'UTF8')";
                scene.superuser.query_opt(noted, &[]).await.unwrap().is_some()
            })
            .await;
        }),
        case!("The log file is deleted while the server writes to it", [RowWithoutRecord, Gap], |scene| {
            scene.all_collected().await;
            let held = held_by_logger(&scene.server);
            std::fs::remove_file(Tail::of(scene).await.path).unwrap();
            let posted = scene.clerk.receive(receipt("B", "5", "X")).await.unwrap().posting_id.to_string();
            until("the record is lost", async || deleted_log(&held).contains(&posted)).await;
            scene.run("SELECT pg_rotate_logfile()").await;
            until("a new file is begun", async || !scene.log_files().is_empty()).await;
        }),
        case!("The log file is deleted, and the verification's own mark is lost with it", [Gap], |scene| {
            scene.all_collected().await;
            let held = held_by_logger(&scene.server);
            std::fs::remove_file(Tail::of(scene).await.path).unwrap();
            let url = scene.database.superuser_url().to_owned();
            let marks = move || deleted_log(&held).matches(MARK).count();
            let before = marks();
            tokio::spawn(async move {
                let made = move || marks() > before;
                let waiting = || until_blocking("the verification that follows has made its mark", made);
                tokio::task::spawn_blocking(waiting).await.unwrap();
                // Before it makes it once more.
                connect(&url).await.batch_execute("SELECT pg_rotate_logfile()").await.unwrap();
            });
        }),
    ]
}
