//! Names: asks a server for records, over UDP, TCP or TLS, and reads how it answers.
//!
//! Without a condition, an answer without a record of the type is a failure: a zone that was
//! emptied by mistake answers NOERROR, quickly and correctly. The records are the body, a line
//! each.

use tokio::time::timeout;

use crate::address::Host;
use crate::dial;
use crate::dial::Aim;
use crate::dns::carry;
use crate::dns::code::Rcode;
use crate::dns::message::Answer;
use crate::dns::message::Question;
use crate::phase::Fault;
use crate::phase::Phase;
use crate::probe::Context;
use crate::probe::outcome::Outcome;
use crate::probe::outcome::Sight;

/// A question to a server.
#[derive(Clone, Debug)]
pub struct Target {
    /// The server. Its timeout is that of the probe.
    pub server: Server,
    /// What is asked.
    pub question: Question,
    /// Which answer is a good one.
    pub expect: Expect,
}

/// Who is asked.
#[derive(Clone, Debug)]
pub enum Server {
    /// The resolver of this machine.
    System {
        /// For the probe as a whole.
        timeout: std::time::Duration,
    },
    /// This server.
    Named {
        /// Where.
        aim: Aim,
        /// How the question gets there.
        carrier: Carrier,
    },
}

/// How a question gets to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// In a datagram, again over TCP when the answer does not fit.
    Udp,
    /// Over TCP.
    Tcp,
    /// Inside TLS (DoT).
    Tls,
}

/// Which answer is a good one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// NOERROR, and a record of the type that was asked for.
    Records,
    /// What the conditions say.
    Conditions,
}

/// Looks once.
pub async fn probe(target: &Target, context: &Context) -> Outcome {
    let within = match &target.server {
        Server::System { timeout } => *timeout,
        Server::Named { aim, .. } => aim.timeout,
    };
    Outcome::observe(within, async |sight: &mut Sight| look(target, context, sight).await).await
}

async fn look(target: &Target, context: &Context, sight: &mut Sight) -> Result<(), Fault> {
    let answer = match &target.server {
        Server::System { .. } => {
            sight.watch.enter(Phase::Processing);
            let asked = context.resolver.ask(&target.question).await;
            asked.map_err(|error| sight.watch.fault_of(&error))?
        }
        Server::Named { aim, carrier } => {
            ask(aim, *carrier, &target.question, context, sight).await?
        }
    };
    sight.facts.connected = true;
    sight.facts.rcode = Some(answer.rcode);
    let wanted: Vec<&str> =
        target.question.wanted(&answer).map(|record| record.data.as_str()).collect();
    sight.facts.body = wanted.join("\n").into();
    if answer.broken {
        return Err(sight.watch.fault("the answer cannot be read to its end"));
    }
    if target.expect == Expect::Records {
        if answer.rcode != Rcode::NO_ERROR {
            return Err(sight.watch.fault(format!("{}: {}", target.question, answer.rcode)));
        }
        if wanted.is_empty() {
            return Err(sight.watch.fault(format!("{}: no record", target.question)));
        }
    }
    Ok(())
}

async fn ask(
    aim: &Aim,
    carrier: Carrier,
    question: &Question,
    context: &Context,
    sight: &mut Sight,
) -> Result<Answer, Fault> {
    let pinned = dial::pin(aim, context, sight).await?;
    if carrier == Carrier::Udp {
        sight.address = Some(pinned.address());
        sight.watch.enter(Phase::Processing);
        // A datagram may be lost: half of the time is kept for a second one.
        let patience = aim.timeout / 2;
        let first = timeout(patience, carry::over_udp(pinned.address(), question)).await;
        let answer = match first {
            Ok(answer) => answer,
            Err(_) => carry::over_udp(pinned.address(), question).await,
        };
        let answer = answer.map_err(|error| sight.watch.fault_of(&error))?;
        if !answer.is_cut {
            return Ok(answer);
        }
    }
    let mut stream = dial::connect_pinned(pinned, sight).await?;
    let answer = if carrier == Carrier::Tls {
        let tls = &context.tls;
        let mut stream = dial::secure(stream, &aim.host, (tls, &tls.plain), sight).await?;
        sight.watch.enter(Phase::Processing);
        carry::over_stream(&mut stream, question).await
    } else {
        sight.watch.enter(Phase::Processing);
        carry::over_stream(&mut stream, question).await
    };
    answer.map_err(|error| sight.watch.fault_of(&error))
}

/// The port on which a carrier is usually taken.
pub fn usual_port(carrier: Carrier) -> u16 {
    match carrier {
        Carrier::Udp | Carrier::Tcp => 53,
        Carrier::Tls => 853,
    }
}

/// The server that an aim names, for messages.
pub fn name_of(server: &Server) -> Option<&Host> {
    match server {
        Server::System { .. } => None,
        Server::Named { aim, .. } => Some(&aim.host),
    }
}
