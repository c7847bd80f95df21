//! Certificates: shakes hands, keeps the chain, judges it, and says goodbye.
//!
//! How many days are left is a condition, `[CERTIFICATE_EXPIRATION] > 48h`; an expired, foreign or
//! untrusted certificate fails by itself.

use crate::dial;
use crate::dial::Aim;
use crate::phase::Fault;
use crate::probe::Context;
use crate::probe::outcome::Outcome;
use crate::probe::outcome::Sight;
use crate::tls::Tls;

/// A server that speaks TLS from the first byte.
#[derive(Clone, Debug)]
pub struct Target {
    /// Where. The host is also the name that the certificate has to carry.
    pub aim: Aim,
    /// Trust and a certificate of our own, where they differ from those of all.
    pub tls: Option<Tls>,
}

/// Looks once.
pub async fn probe(target: &Target, context: &Context) -> Outcome {
    Outcome::observe(target.aim.timeout, async |sight: &mut Sight| {
        look(target, context, sight).await
    })
    .await
}

async fn look(target: &Target, context: &Context, sight: &mut Sight) -> Result<(), Fault> {
    let tls = target.tls.as_ref().unwrap_or(&context.tls);
    let stream = dial::connect(&target.aim, context, sight).await?;
    dial::secure(stream, &target.aim.host, (tls, &tls.plain), sight).await?;
    Ok(())
}
