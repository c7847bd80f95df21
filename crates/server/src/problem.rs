//! Problems: what went wrong with a request, as RFC 9457 says it. Status codes live here only.

use axum::response::IntoResponse;
use axum::response::Response;
use http::HeaderValue;
use http::StatusCode;
use http::header;
use serde::Serialize;

use crate::contract::NotKept;
use crate::intake::Fault;
use crate::limit::RETRY_AFTER_S;
use crate::words::Words;

/// What went wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// There is no such thing.
    NotFound(&'static str),
    /// The request cannot be read; the text says why and what to write instead.
    Unreadable(String),
    /// Fields of a report are wrong.
    Report(Vec<Fault>),
    /// The body is too large.
    TooLarge {
        /// Bytes it may have.
        bytes_max: usize,
    },
    /// The body came too slowly.
    TooSlow,
    /// The prefix has sent too many reports this minute.
    TooMany,
    /// Too many answers had to be made for the prefix this minute.
    TooManyReads,
    /// The report could not be kept.
    NotKept(NotKept),
    /// The store cannot be read now.
    Unavailable,
    /// A form of another site was sent here.
    CrossSite,
    /// The body is not plain JSON.
    MediaType,
    /// The address exists, the method does not.
    Method(&'static str),
}

#[derive(Serialize)]
struct View {
    title: &'static str,
    status: u16,
    detail: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldView>,
}

#[derive(Serialize)]
struct FieldView {
    field: &'static str,
    detail: String,
}

impl Problem {
    /// The status code.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Unreadable(_) => StatusCode::BAD_REQUEST,
            Self::Report(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::TooMany | Self::TooManyReads => StatusCode::TOO_MANY_REQUESTS,
            Self::NotKept(_) | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::CrossSite => StatusCode::FORBIDDEN,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
        }
    }

    /// In short.
    pub fn title(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "There is no such thing",
            Self::Unreadable(_) => "The request cannot be read",
            Self::Report(_) => "The report has a mistake",
            Self::TooLarge { .. } => "What was sent is too large",
            Self::TooSlow => "The request came too slowly",
            Self::TooMany => "Too much was sent from this network",
            Self::TooManyReads => "Too many questions from this network",
            Self::NotKept(_) => "The report was not kept",
            Self::Unavailable => "Not readable at this moment",
            Self::CrossSite => "Sent from another site",
            Self::MediaType => "Not the type that reports have",
            Self::Method(_) => "This address does not take this method",
        }
    }

    /// What was wrong and what to do.
    pub fn detail(&self) -> String {
        match self {
            Self::NotFound(what) => match *what {
                "service" => "no such service; GET /api/v1/services lists those there are".into(),
                "incident" => "no such incident; GET /api/v1/incidents lists them".into(),
                "claim" => "no such claim; GET /api/v1/claims lists them".into(),
                "country" => "no such country; write its two letters, such as GB".into(),
                what => format!("no such {what}; /data lists what can be asked for"),
            },
            Self::Unreadable(why) => why.clone(),
            Self::Report(_) => "every field in error is listed; nothing was kept".to_owned(),
            Self::TooLarge { bytes_max } => format!("write less: {bytes_max} bytes at most fit"),
            Self::TooSlow => "send the whole request at once".to_owned(),
            Self::TooMany => "wait a minute; what was taken before is kept".to_owned(),
            Self::TooManyReads => {
                "wait a minute, or ask for what others ask for: answers that stand in memory are \
                 not counted"
                    .to_owned()
            }
            Self::NotKept(why) => format!("{why}; nothing was kept, send it again"),
            Self::Unavailable => "the store cannot be read now; ask again".to_owned(),
            Self::MediaType => {
                "send Content-Type: application/json, and no Content-Encoding".to_owned()
            }
            Self::CrossSite => "open the page of the service and send the form there".to_owned(),
            Self::Method(allowed) => format!("use {allowed}"),
        }
    }

    /// As an answer of the API.
    pub fn into_json(self, words: &Words) -> Response {
        let errors = match &self {
            Self::Report(faults) => faults
                .iter()
                .map(|fault| FieldView { field: fault.field.name(), detail: fault.in_words(words) })
                .collect(),
            _ => Vec::new(),
        };
        let status = self.status();
        let view =
            View { title: self.title(), status: status.as_u16(), detail: self.detail(), errors };
        let body = serde_json::to_vec(&view).expect("plain texts and numbers");
        self.dressed(status, "application/problem+json", body)
    }

    /// As a page.
    pub fn into_page(self, page: String) -> Response {
        let status = self.status();
        self.dressed(status, "text/html; charset=utf-8", page.into_bytes())
    }

    fn dressed(&self, status: StatusCode, kind: &'static str, body: Vec<u8>) -> Response {
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        let seconds = match self {
            Self::NotKept(_) | Self::Unavailable => Some(RETRY_AFTER_S),
            Self::TooMany | Self::TooManyReads => Some(60),
            _ => None,
        };
        if let Some(seconds) = seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Self::Method(allowed) = self {
            headers.insert(header::ALLOW, HeaderValue::from_static(allowed));
        }
        response
    }
}
