//! Envelopes in XML: faults of SOAP, reports of exceptions, a few elements that apologise.

use crate::soft::Finding;
use crate::soft::envelope::APOLOGY;
use crate::soft::envelope::SENTENCES_MAX;
use crate::soft::envelope::WALL_KEYS_MAX;
use crate::soft::error_text::quote;
use crate::soft::words;

/// Looks for one.
pub(super) fn look(source: &str) -> Option<Finding> {
    let lower: String = source.chars().take(4_000).collect::<String>().to_ascii_lowercase();
    let root = lower
        .split('<')
        .map(str::trim_start)
        .find(|tag| tag.starts_with(|c: char| c.is_ascii_alphabetic()))?;
    let name = root.split([' ', '>', '/', '\n']).next().unwrap_or_default();
    let is_fault = lower.contains(":fault>") || lower.contains("<fault>");
    let is_error = matches!(name.rsplit(':').next(), Some("error" | "errors" | "exception"));
    let is_report = name.ends_with("exceptionreport") || name.ends_with("errorresponse");
    if !(is_fault || is_error || is_report) {
        let said = apology_of(source)?;
        return Finding::fails(0.8, format!("the XML says: “{}”", quote(said)));
    }
    let text = ["<message>", "<faultstring>", "<code>", "<title>"]
        .iter()
        .find_map(|tag| source.get(lower.find(tag)? + tag.len()..)?.split('<').next());
    Finding::fails(0.9, format!("the XML says: “{}”", quote(text.unwrap_or("error"))))
}

/// The apology of a few elements that have nothing else to say.
fn apology_of(source: &str) -> Option<&str> {
    let is_feed = ["<rss", "<feed", "<rdf:rdf", "<urlset", "<opml", "<svg"];
    if source.len() > XML_BYTES_MAX || is_feed.iter().any(|root| source.contains(root)) {
        return None;
    }
    let texts = || source.split('<').filter_map(|part| Some(part.split_once('>')?.1.trim()));
    let sentences = || texts().filter(|text| text.contains(' '));
    let apology = sentences()
        .find(|text| words::failing(words::concepts_of(&text.to_lowercase())) >= APOLOGY)?;
    let few = texts().filter(|text| !text.is_empty()).count() <= WALL_KEYS_MAX;
    (few && sentences().count() <= SENTENCES_MAX).then_some(apology)
}

/// What is longer holds data.
const XML_BYTES_MAX: usize = 2_000;
