//! The ways out: how one letter gets to an operator's channel, to a person's mail, to a browser.
//!
//! Whoever is written to by the public's wish is dialled as the public may: mail goes to the
//! operator's own server, and browsers only to push services that are listed.

use outcry_collector::probe::Context;
use outcry_core::time::UnixMillis;
use outcry_herald::channel::Channel;
use outcry_herald::channel::compose;
use outcry_herald::letter::Parcel;
use outcry_herald::post;
use outcry_herald::post::Answer;
use outcry_herald::push;
use outcry_herald::push::Subscription;
use outcry_herald::smtp::Session;
use outcry_server::contract::Purpose;
use outcry_store::alerts::Due;
use outcry_store::alerts::PUSH;
use ring::rand::SystemRandom;

use crate::alerts;
use crate::alerts::config::AlertConfig;
use crate::alerts::people::Key;
use crate::alerts::people::number_of;
use crate::config::Config;
use crate::looking;
use crate::probing;

/// How letters get out.
pub struct Ways {
    /// To anybody on the internet.
    public: Context,
    /// To machines of the operator.
    private: Context,
    /// Of addresses by which subscribers leave.
    key: Key,
    /// What signs for this site to browsers.
    push: Option<push::Sender>,
    /// Where the site is reached from outside.
    public_url: String,
}

impl Ways {
    /// As the configuration says.
    ///
    /// # Errors
    ///
    /// When its roots cannot be used, or the key can be neither read nor made.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        let public_url = config.http.public_url.clone();
        let context = |allow_private| {
            let mut probes = config.probes.clone();
            probes.allow_private = allow_private;
            let mut context = probing::context::of(&probes, &public_url)?;
            context.agent = looking::agent_of(&public_url);
            anyhow::Ok(context)
        };
        let key = Key::of(&config.store.dir)?;
        let push = alerts::push::sender(config)?;
        Ok(Self { public: context(false)?, private: context(true)?, key, push, public_url })
    }

    /// What is dialled through.
    pub fn context(&self, allow_private: bool) -> &Context {
        if allow_private { &self.private } else { &self.public }
    }

    /// Tells a browser.
    pub async fn push(&self, parcel: &Parcel, config: &AlertConfig) -> Answer {
        let Some(from) = &self.push else {
            return Answer::Later("browsers are not told: push_contact is not set".into(), None);
        };
        let to = parcel.recipient.strip_prefix(PUSH).and_then(Subscription::read);
        let Some(to) = to.filter(|to| alerts::push::is_known(config, to)) else {
            return Answer::Never("we do not write to that push service".into());
        };
        let outgoing = match push::compose(parcel, &to, from, &SystemRandom::new()) {
            Ok(outgoing) => outgoing,
            Err(error) => return Answer::Never(error.to_string()),
        };
        match post::send(&outgoing, self.context(config.allow_private)).await {
            // RFC 8030, section 7.3: what has expired is not found any more.
            Answer::Later(said, _) if said.starts_with("404") => Answer::Gone(said),
            other => other,
        }
    }

    /// Sends one parcel that is no e-mail.
    pub async fn post(&self, channel: &Channel, parcel: &Parcel, allow_private: bool) -> Answer {
        match compose(channel, parcel) {
            Some(outgoing) => post::send(&outgoing, self.context(allow_private)).await,
            None => self.mail(channel, std::slice::from_ref(parcel)).await.remove(0),
        }
    }

    /// Sends e-mails over as few connections as can be; an answer for each. The mail server is the
    /// operator's, so it may be anywhere.
    pub async fn mail(&self, channel: &Channel, parcels: &[Parcel]) -> Vec<Answer> {
        let mut session: Option<Session> = None;
        let mut answers = Vec::with_capacity(parcels.len());
        for parcel in parcels {
            let to = match parcel.recipient.as_str() {
                "" => channel.target(),
                recipient => recipient,
            };
            if to.is_empty() {
                answers.push(Answer::Never("the channel has no address to write to".into()));
                continue;
            }
            let mut open = match session.take().filter(Session::is_fresh) {
                Some(open) => open,
                None => match Session::open(channel, &self.private).await {
                    Ok(open) => open,
                    Err(answer) => {
                        // The server is not there: it is not asked again for each of them.
                        answers.resize(parcels.len(), answer);
                        return answers;
                    }
                },
            };
            answers.push(open.send(parcel, &channel.from, to).await);
            session = Some(open);
        }
        if let Some(open) = session {
            open.close().await;
        }
        answers
    }

    /// A message on its way.
    pub fn parcel(&self, due: &Due, now: UnixMillis) -> Option<Parcel> {
        let leave_url = match number_of(&due.id) {
            Some(number) if !self.public_url.is_empty() => {
                let token = self.key.token(Purpose::Leave, number);
                format!("{}/unsubscribe?t={token}", self.public_url)
            }
            _ => String::new(),
        };
        Some(Parcel {
            id: due.id.clone(),
            letter: serde_json::from_str(&due.body).ok()?,
            recipient: due.recipient.clone(),
            leave_url,
            sent_at_unix_s: now.0.div_euclid(1_000),
        })
    }
}
