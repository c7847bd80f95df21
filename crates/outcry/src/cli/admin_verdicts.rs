//! `outcry admin verdicts`: what waits for two persons, approving it, holding a page.

use outcry_core::claim::publish::APPROVED;
use outcry_core::claim::publish::HELD;
use outcry_core::claim::publish::Publication;
use outcry_core::claim::publish::RELEASED;
use outcry_core::claim::publish::WITHDRAWN;
use outcry_core::claim::publish::publication;
use outcry_core::claim::publish::subject;
use outcry_core::claim::rule::rule;
use outcry_core::evidence::CaseFile;
use outcry_core::units::Text;
use outcry_core::verdict::assess;
use outcry_store::Store;
use outcry_store::record::IncidentFilter;
use outcry_store::sqlite::SqliteStore;
use outcry_wire::likelihood;

use crate::cli::BadInput;

/// Incidents that are looked through for what waits.
const INCIDENTS_MAX: u32 = 200;

/// What can be done about verdicts.
#[derive(Debug, clap::Subcommand)]
pub enum Verdicts {
    /// List findings that wait for approval, and pages that are held.
    List,
    /// Approve a finding; it is shown once two different persons have.
    Approve {
        /// The incident, such as x-2025-03-10-1.
        incident: String,
        /// The finding as `list` shows it, such as attack or contradicted:owner-attack.
        finding: String,
        /// Why.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Take one's approval back.
    Withdraw {
        /// The incident.
        incident: String,
        /// The finding.
        finding: String,
        /// Why.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Hold the page of an incident: shares stay, names and rulings wait.
    Hold {
        /// The incident.
        incident: String,
        /// Why.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Let a held page go.
    Release {
        /// The incident.
        incident: String,
        /// Why.
        #[arg(long)]
        reason: Option<String>,
    },
}

/// An act to be written down.
pub struct Act {
    /// The service it is about.
    pub service: Text,
    /// Its name.
    pub name: &'static str,
    /// What it is done to.
    pub subject: String,
    /// Why.
    pub reason: Option<String>,
}

/// What a command asks for: an act, or nothing more than what was printed.
pub fn act(store: &SqliteStore, verdicts: &Verdicts) -> anyhow::Result<Option<Act>> {
    let (incident, finding, name, reason) = match verdicts {
        Verdicts::List => return list(store).map(|()| None),
        Verdicts::Approve { incident, finding, reason } => {
            (incident, Some(finding), APPROVED, reason)
        }
        Verdicts::Withdraw { incident, finding, reason } => {
            (incident, Some(finding), WITHDRAWN, reason)
        }
        Verdicts::Hold { incident, reason } => (incident, None, HELD, reason),
        Verdicts::Release { incident, reason } => (incident, None, RELEASED, reason),
    };
    let case = store
        .case_file(incident, None)?
        .ok_or_else(|| BadInput(format!("there is no incident {incident:?} with a case file")))?;
    let known = waiting(&case);
    let subject = match finding {
        None => incident.clone(),
        Some(finding) => {
            if !known.findings.iter().any(|it| *it.name == **finding) {
                let names: Vec<&str> = known.findings.iter().map(|it| &*it.name).collect();
                let instead = match names.is_empty() {
                    true => "it has none that need approval".to_owned(),
                    false => format!("write one of {}", names.join(", ")),
                };
                let what = format!("{incident} has no finding {finding:?}; {instead}");
                anyhow::bail!(BadInput(what));
            }
            subject(incident, finding)
        }
    };
    let service = case.incident.service.clone();
    Ok(Some(Act { service, name, subject, reason: reason.clone() }))
}

fn waiting(case: &CaseFile) -> Publication {
    let assessment = assess(case, likelihood::built_in());
    let ledger = rule(case, &assessment);
    publication(case, assessment.named, &ledger)
}

fn list(store: &SqliteStore) -> anyhow::Result<()> {
    let mut any = false;
    for incident in store.incidents(&IncidentFilter::default(), INCIDENTS_MAX)? {
        let Some(case) = store.case_file(&incident.id.0, None)? else { continue };
        let known = waiting(&case);
        if let Some(by) = &known.held_by {
            any = true;
            say!("{}  held by {by}", incident.id.0)?;
        }
        for finding in &known.findings {
            any = true;
            let by: Vec<&str> = finding.approved_by.iter().map(|who| &**who).collect();
            let by = if by.is_empty() { "nobody yet".to_owned() } else { by.join(", ") };
            let state = if finding.is_approved() { "shown" } else { "waits" };
            say!("{}  {}  {state}, approved by {by}", incident.id.0, finding.name)?;
        }
    }
    if !any {
        say!("nothing waits and nothing is held")?;
    }
    Ok(())
}
