//! Serving: connections in, each with its limits, until told to stop.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use futures_util::TryFutureExt;
use futures_util::future;
use http_body_util::Either;
use http_body_util::Full;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::rt::TokioTimer;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower::Service;

use crate::limit::HEAD_BYTES_MAX;
use crate::limit::HEAD_S_MAX;
use crate::router::App;
use crate::router::Peer;

/// Seconds that running requests get to end once the program stops.
const DRAIN_S_MAX: u64 = 5;

/// Accepts connections until `stop` is done, then lets running requests end.
///
/// Pages that stand in memory are answered by `app` alone, everything else by the router.
/// HTTP/1.1; what terminates TLS in front speaks HTTP/2 with browsers.
pub async fn serve(
    listener: TcpListener,
    app: &Arc<App>,
    router: Router,
    connections_max: usize,
    stop: impl Future<Output = ()>,
) {
    let room = Arc::new(Semaphore::new(connections_max));
    let closing = hyper_util::server::graceful::GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        // A full house leaves the rest in the kernel's queue.
        let place = tokio::select! {
            () = &mut stop => break,
            place = room.clone().acquire_owned() => place,
        };
        let Ok(place) = place else { break };
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of descriptors, mostly: wait for some to be given back.
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let _ = stream.set_nodelay(true);
        let (app, router) = (app.clone(), router.clone());
        let answer = hyper::service::service_fn(move |request: Request<Incoming>| {
            if let Some(refused) = app.against_http(&request) {
                let refused = refused.map(Either::Right);
                return future::Either::Left(future::ready(Ok(refused)));
            }
            // What stands in memory needs no routing, no task and no box.
            if let Some(answer) = app.at_hand(&request, Peer(peer)) {
                let answer = answer.map(|page| Either::Left(Full::new(page)));
                return future::Either::Left(future::ready(Ok(answer)));
            }
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(Peer(peer));
            let routed = router.clone().call(request);
            future::Either::Right(routed.map_ok(|answer| answer.map(Either::Right)))
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(HEAD_S_MAX))
            .max_buf_size(HEAD_BYTES_MAX)
            .serve_connection(TokioIo::new(stream), answer);
        let connection = closing.watch(connection);
        tokio::spawn(async move {
            // A client that went away or sent rubbish is no failure of ours.
            let _ = connection.await;
            drop(place);
        });
    }
    let drained = tokio::time::timeout(Duration::from_secs(DRAIN_S_MAX), closing.shutdown());
    if drained.await.is_err() {
        tracing::info!("some connections were still open at the end");
    }
}
