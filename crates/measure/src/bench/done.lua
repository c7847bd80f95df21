-- Says what became of a run in one line that `load.rs` reads.

function done(summary, latency, requests)
  local e = summary.errors
  print(string.format(
    "RESULT %d %d %d %d %d %d %d",
    summary.requests, e.status, e.connect + e.read + e.write + e.timeout,
    summary.bytes, summary.duration, latency:percentile(50), latency:percentile(99)))
end
