//! The database: a few workers, each busy for a while with every question.
//!
//! Its capacity is what a real one's is: workers divided by time per question. Who comes when all
//! are busy waits, and when too many wait the next is told so. Modes: `slow MS`, added to each.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use tokio::io::AsyncBufReadExt;
use tokio::io::AsyncWriteExt;
use tokio::io::BufReader;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

use crate::part::mode;
use crate::place::DB;
use crate::place::DB_PORT;

/// Questions that are worked on at once.
const WORKERS: usize = 2;
/// Milliseconds of one: with two workers some 33 questions a second.
const WORK_MS: u64 = 60;
/// Questions that may wait.
const WAITING_MAX: usize = 60;
/// A row as it is told: letters of a post.
const ROW: &str = "Morning light over the harbour, and the ferry is on time for once.";

/// Answers until it is ended.
pub fn run(dir: &Path) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let dir: Arc<Path> = dir.into();
    runtime.block_on(async {
        let listener = TcpListener::bind((DB.address(), DB_PORT)).await?;
        let workers = Arc::new(Semaphore::new(WORKERS));
        let waiting = Arc::new(Semaphore::new(WAITING_MAX));
        loop {
            let (stream, _) = listener.accept().await?;
            let (dir, workers, waiting) = (dir.clone(), workers.clone(), waiting.clone());
            tokio::spawn(async move { serve(stream, &dir, &workers, &waiting).await });
        }
    })
}

async fn serve(
    stream: TcpStream,
    dir: &Path,
    workers: &Semaphore,
    waiting: &Semaphore,
) -> Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    while let Some(question) = lines.next_line().await? {
        let Ok(_place) = waiting.try_acquire() else {
            write.write_all(b"BUSY\n").await?;
            continue;
        };
        let _worker = workers.acquire().await?;
        let added = mode(dir, "db").strip_prefix("slow ").and_then(|ms| ms.parse().ok());
        tokio::time::sleep(Duration::from_millis(WORK_MS + added.unwrap_or(0))).await;
        write.write_all(format!("OK {question}: {ROW}\n").as_bytes()).await?;
    }
    Ok(())
}
