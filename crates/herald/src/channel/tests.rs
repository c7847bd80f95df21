//! What each channel sends, as snapshots.

use super::*;
use crate::letter::Letter;
use crate::letter::Opening;
use crate::mail;

pub(crate) fn letter(open: bool) -> Letter {
    Letter {
        kind: if open { "opened" } else { "resolved" }.into(),
        service: "x".into(),
        name: "X".into(),
        incident: "x-2025-03-10-1".into(),
        revision: 3,
        severity: "danger".into(),
        open,
        opened_at: "2025-03-10T09:45:00Z".into(),
        closed_at: (!open).then(|| "2025-03-10T10:30:00Z".into()),
        as_of: "2025-03-10T10:31:00Z".into(),
        cause: None,
        reports: 412,
        opening: open.then(|| Opening {
            minutes: 15,
            reports: 57,
            usual: 3.1,
            of: "country:US".into(),
        }),
        probes: Some((3, 4)),
        countries: vec!["US".into()],
        reconstruction: false,
        url: "https://outages.example/i/x-2025-03-10-1".into(),
        title: "X: many more problem reports than usual".into(),
        lines: vec![
            "412 problem reports since 09:45 UTC <!channel> & more.".into(),
            "No cause is named.".into(),
        ],
    }
}

fn parcel(open: bool) -> Parcel {
    Parcel {
        id: "x-2025-03-10-1:ops:3".into(),
        letter: letter(open),
        recipient: String::new(),
        leave_url: String::new(),
        sent_at_unix_s: 1_741_602_660,
    }
}

fn channel(kind: Kind) -> Channel {
    let (url, to) = match kind {
        Kind::Telegram => ("https://api.telegram.org", "-100123"),
        Kind::Matrix => ("https://matrix.example", "!room:matrix.example"),
        Kind::Ntfy => ("https://ntfy.example", "outages"),
        Kind::Pagerduty => ("", ""),
        _ => ("https://hooks.example/T/B", ""),
    };
    Channel {
        name: "ops".into(),
        kind,
        url: url.into(),
        secrets: vec!["token-of-the-channel".into()],
        to: (!to.is_empty()).then(|| to.into()).into_iter().collect(),
        ..Channel::default()
    }
}

fn shown(outgoing: &Outgoing) -> String {
    let heads: String =
        outgoing.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    let body: serde_json::Value = serde_json::from_slice(&outgoing.body).expect("JSON");
    let body = serde_json::to_string_pretty(&body).expect("JSON");
    format!("{} {}\n{heads}\n{body}\n", outgoing.method, outgoing.url)
}

#[test]
fn each_channel_gets_what_it_reads() {
    for (name, kind) in Kind::ALL {
        for (state, open) in [("opened", true), ("resolved", false)] {
            let parcel = parcel(open);
            let shown = match compose(&channel(kind), &parcel) {
                Some(outgoing) => shown(&outgoing),
                None => {
                    let leave_url = "https://outages.example/unsubscribe?t=abc".into();
                    let parcel = Parcel { leave_url, ..parcel };
                    let from = "Outcry <alerts@outages.example>";
                    mail::message(&parcel, from, "ada@people.example").replace("\r\n", "\n")
                }
            };
            insta::assert_snapshot!(format!("{name}_{state}"), shown);
        }
    }
}

#[test]
fn no_body_is_larger_than_a_receiver_must_take() {
    let mut parcel = parcel(true);
    parcel.letter.lines = vec!["x".repeat(2_000); 3];
    for (name, kind) in Kind::ALL {
        let outgoing = compose(&channel(kind), &parcel);
        let bytes = outgoing.map_or(0, |outgoing| outgoing.body.len());
        assert!(bytes < crate::post::BODY_BYTES_MAX, "{name}: {bytes}");
    }
}

#[test]
fn nobody_writes_a_head_through_a_name() {
    let mut parcel = parcel(true);
    parcel.letter.title = "X\r\nBcc: everybody@example.org".into();
    let from = "Outcry <alerts@outages.example>";
    let message = mail::message(&parcel, from, "a@b.example\r\nBcc: c@d.example");
    assert!(!message.contains("\r\nBcc:"), "{message}");
}

#[test]
fn every_secret_signs_so_that_one_can_be_changed() {
    let mut channel = channel(Kind::Webhook);
    channel.secrets.push("whsec_b2xk".into());
    let outgoing = compose(&channel, &parcel(true)).expect("a request");
    let signed = outgoing.headers.iter().find(|(name, _)| *name == "webhook-signature");
    assert_eq!(signed.map(|(_, value)| value.split(' ').count()), Some(2));
    assert!(!channel.mark().contains("b2xk"), "a mark tells no secret");
}
