//! What is said? Public claims in their own words, each beside what our evidence says to it.

use outcry_server::words::Words;
use serde::Serialize;

use crate::ask::freshness::moment;
use crate::ask::reader::AskError;
use crate::ask::reader::Reader;
use crate::ask::shape::Claim;
use crate::ask::shape::Claims;

/// Claims that are told, the newest of them.
const CLAIMS_MAX: usize = 5;

/// What was claimed about an incident.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Said {
    /// Claims in order of time, at most the newest five.
    pub claims: Vec<Claim>,
    /// Earlier claims that are left out here.
    pub left_out: usize,
}

impl Said {
    /// About an incident.
    ///
    /// # Errors
    ///
    /// When the server cannot be asked.
    pub async fn about(reader: &Reader, incident: &str) -> Result<Self, AskError> {
        let path = format!("/api/v1/incidents/{}/claims", super::reader::encoded(incident));
        let mut claims = reader.read::<Claims>(&path).await?.claims;
        let left_out = claims.len().saturating_sub(CLAIMS_MAX);
        Ok(Self { claims: claims.split_off(left_out), left_out })
    }

    /// A few lines for each claim.
    pub fn lines(&self, words: &Words) -> Vec<String> {
        if self.claims.is_empty() {
            return vec![words.say("claims-none")];
        }
        let mut lines = Vec::new();
        for claim in &self.claims {
            let role = claim.speaker_role.replace('_', " ");
            let who = claim.speaker.clone().map_or(role.clone(), |it| format!("{it}, {role}"));
            lines.push(format!("“{}”", claim.quote));
            let when = claim.said_at_words.clone().unwrap_or_else(|| moment(&claim.said_at));
            lines.push(format!("  {who}, {when}; {}", claim.source));
            if claim.earlier {
                lines.push("  An earlier claim, about another incident.".to_owned());
            }
            for ruling in &claim.rulings {
                let id = format!("ruling-{}", ruling.ruling.replace('_', "-"));
                let word = if ruling.ruling == "under_review" {
                    words.say("ruling-waits")
                } else {
                    words.say(&id)
                };
                lines.push(format!("  {}: {word}", ruling.what));
            }
        }
        if self.left_out > 0 {
            lines.push(format!("{} earlier claims are left out here.", self.left_out));
        }
        lines
    }
}
