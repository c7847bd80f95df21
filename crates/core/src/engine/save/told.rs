//! The saved form of what was observed and told: spells, notices, testimony, claims, acts.

use crate::engine::crowd::CrowdTally;
use crate::engine::save::Saved;
use crate::evidence::Act;
use crate::evidence::facts::Said;
use crate::observe::NoticeTold;
use crate::observe::Observed;
use crate::observe::ProbeSpell;
use crate::observe::RouteSpell;
use crate::observe::TestimonyTold;
use crate::observe::symptom::Symptom;
use crate::observe::traffic::FlowSpell;
use crate::observe::traffic::LogSpell;
use crate::signal::Notice;
use crate::signal::RouteChange;
use crate::signal::said::Assertion;
use crate::signal::said::Claim;
use crate::signal::said::OperatorAct;
use crate::signal::said::Testimony;

choice! {
    RouteChange [Announce, Withdraw]
}

impl Saved for Symptom {
    fn save(&self, out: &mut Vec<u8>) {
        let place = Self::ALL.iter().position(|one| one == self).expect("all are listed");
        out.push(place as u8);
    }
    fn load(input: &mut &[u8]) -> Option<Self> {
        Self::ALL.get(usize::from(u8::load(input)?)).copied()
    }
}

fields! {
    ProbeSpell {
        from, until, count, vantage, place, component, kind, symptom, detail, synthetic,
    }
    RouteSpell { from, until, count, prefix, change, origin, path, visibility, synthetic }
    FlowSpell {
        from, until, count, vectors, sources, exporter, bps_in, bps_in_max, pps_in_max, bps_out,
        sources_distinct, synthetic,
    }
    LogSpell {
        from, until, count, vectors, rps, errors_share, clients_distinct, top_path_share,
        returning_share, synthetic,
    }
    Notice { notice, title, state, impact, text, starts, ends }
    NoticeTold { at, notice, synthetic }
    Testimony { class, speaker_role, text, supports, denies, origin }
    TestimonyTold { at, testimony, source, synthetic }
    Observed { probes, routes, flows, logs, notices, testimony, dropped }
    OperatorAct { act, subject, actor, reason }
    Act { at, act }
    Assertion { kind, what, cause, would_settle }
    Claim {
        claim, quote, speaker, speaker_role, medium, said_at_words, evidence_offered, about,
        earlier, assertions,
    }
    Said { said_at, claim, source }
    CrowdTally {
        hosting, works, networks_known, networks, prefixes, texts, by_text, ticks, last, spread,
        minutes,
    }
}
