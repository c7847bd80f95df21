//! `outcry mcp`: answers a language model's questions over the Model Context Protocol, on standard
//! input and output, from a server somewhere. `outcry serve` does the same at `/mcp`.

use std::sync::Arc;

use anyhow::Context;
use rmcp::ServiceExt;
use rmcp::transport::stdio;

use crate::cli::server::ServerChoice;
use crate::mcp::handler::Handler;

/// Arguments of `outcry mcp`.
#[derive(Debug, clap::Args)]
pub struct Mcp {
    #[command(flatten)]
    server: ServerChoice,
}

/// Answers until the client closes its end.
pub fn run(arguments: &Mcp) -> anyhow::Result<()> {
    // Standard output belongs to the protocol.
    crate::cli::serve::begin_log("warn");
    let handler = Handler::there(Arc::new(arguments.server.reader()?));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .context("cannot start the threads")?;
    let ended = runtime.block_on(async {
        let running = handler.serve(stdio()).await.context("the client does not speak MCP")?;
        tokio::select! {
            ended = running.waiting() => ended.map(|_| ()).context("the conversation broke off"),
            () = crate::station::told_to_stop() => Ok(()),
        }
    });
    // A read of standard input cannot be called off.
    runtime.shutdown_background();
    ended
}
