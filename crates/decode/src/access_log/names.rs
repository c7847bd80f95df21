//! The names that servers give to the fields of a request, in their JSON logs.
//!
//! A name is compared in lower case, with `_` for every other sign. Where a line has several names
//! of one field, the one further in front counts.

/// A field of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Time,
    Peer,
    Forwarded,
    Line,
    Method,
    Path,
    Status,
    Octets,
    Referrer,
    Agent,
    Protocol,
    Host,
    Seconds,
}

impl Field {
    pub(super) const COUNT: usize = 13;
}

/// The field of a name, and the rank of the name among those of the field.
pub(super) fn field(name: &str) -> Option<(Field, u8)> {
    TABLE.iter().find_map(|(field, names)| {
        names.iter().position(|known| same(known, name)).map(|rank| (*field, rank as u8))
    })
}

/// Whether a name is the known one, in whatever spelling.
pub(super) fn same(known: &str, name: &str) -> bool {
    known.len() == name.len()
        && known.bytes().zip(name.bytes()).all(|(known, byte)| {
            known == byte.to_ascii_lowercase() || known == b'_' && !byte.is_ascii_alphanumeric()
        })
}

const TABLE: &[(Field, &[&str])] = &[
    (
        Field::Time,
        &[
            "edgestarttimestamp",
            "msec",
            "time_iso8601",
            "ts",
            "accept_date",
            "time_local",
            "_timestamp",
            "timestamp",
            "datetime",
            "request_date",
            "time",
            "date",
        ],
    ),
    (
        Field::Peer,
        &[
            // Decided by the server (Caddy) or the edge (Cloudflare): see `json::is_resolved`.
            "client_ip",
            "clientip",
            "remote_addr",
            "remote_ip",
            "remote_address",
            "client_addr",
            "client_address",
            "src_ip",
            "src",
            "remote_host",
            "ip",
            "client",
        ],
    ),
    (Field::Forwarded, &["http_x_forwarded_for", "x_forwarded_for", "forwarded_for", "xff"]),
    (Field::Line, &["request", "request_line", "http_request"]),
    (Field::Method, &["request_method", "clientrequestmethod", "http_method", "method", "verb"]),
    (
        Field::Path,
        &[
            "request_uri",
            "clientrequesturi",
            "clientrequestpath",
            "http_uri",
            "uri",
            "url",
            "http_path",
            "request_path",
            "path",
        ],
    ),
    (
        Field::Status,
        &[
            "edgeresponsestatus",
            "status",
            "status_code",
            "http_status",
            "response_code",
            "response",
        ],
    ),
    (
        Field::Octets,
        &[
            "body_bytes_sent",
            "bytes_sent",
            "edgeresponsebytes",
            "size",
            "response_size",
            "bytes_read",
            "bytes",
        ],
    ),
    (
        Field::Referrer,
        &["http_referer", "http_referrer", "clientrequestreferer", "referer", "referrer"],
    ),
    (
        Field::Agent,
        &["http_user_agent", "clientrequestuseragent", "user_agent", "useragent", "agent"],
    ),
    (
        Field::Protocol,
        &["server_protocol", "clientrequestprotocol", "http_version", "proto", "protocol"],
    ),
    (
        Field::Host,
        &["http_host", "clientrequesthost", "host", "server_name", "vhost", "virtual_host"],
    ),
    (Field::Seconds, &["request_time", "duration"]),
];

/// Objects inside a line that speak of something else than the request.
pub(super) const PASSED_OVER: &[&str] =
    &["resp_headers", "response_headers", "tls", "geoip", "upstream"];
