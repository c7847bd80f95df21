//! What a stretch of a log is, from its facts alone.
//!
//! An attack needs a sign that machines are at work against the site, and enough other signs that
//! point the same way: each sign has a weight, and what is usual here, or has another reason, has
//! one against it. Below [`ENOUGH`] nothing is called an attack, however much is asked.
//!
//! # What it cannot tell
//!
//! Ten thousand hosts that ask once each, with what people say of themselves, for a page without
//! images: that is a crowd. A flood by clients that were here before. And a few hosts that ask a
//! site for what they are meant to, only more: a batch job and a flood are the same then.

use crate::attack::requests::Kind;
use crate::attack::requests::agent::Says;
use crate::attack::requests::facts::Busting;
use crate::attack::requests::facts::Facts;
use crate::attack::requests::facts::Group;
use crate::attack::vector::Vector;

/// Weight of signs from which on a stretch is an attack.
const ENOUGH: f64 = 4.0;
/// Clients up to which jobs that somebody runs are thought of.
const JOB_CLIENTS: f64 = 20.0;
/// Requests in a second that such a job does not come to.
const JOB_RPS: f64 = 300.0;
/// Pieces in which programs load a large file.
const PIECES: f64 = 64.0;
/// Clients that a crowd has at least.
const CROWD_CLIENTS: f64 = 50.0;

/// What is said of a stretch.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Verdict {
    pub(super) kind: Kind,
    pub(super) signs: Vec<&'static str>,
}

/// Signs with their weights.
#[derive(Default)]
struct Signs {
    names: Vec<&'static str>,
    weight: f64,
    /// Whether one of them shows machines that work against the site.
    is_hostile: bool,
}

impl Signs {
    fn add(&mut self, holds: bool, name: &'static str, weight: f64) {
        if holds && weight > 0.0 && !self.names.contains(&name) {
            self.names.push(name);
        }
        self.weight += if holds { weight } else { 0.0 };
    }

    fn hostile(&mut self, holds: bool, name: &'static str, weight: f64) {
        self.add(holds, name, weight);
        self.is_hostile |= holds;
    }
}

/// Judges a stretch; `None` when it is nothing that has a name.
pub(super) fn judge(facts: &Facts, stands_out: bool) -> Option<Verdict> {
    let whole = &facts.all;
    let one_path = whole.top_path >= 0.5;
    let told = |kind: Kind, signs: &[&'static str]| Some(Verdict { kind, signs: signs.to_vec() });
    if whole.reloads >= 0.4 && facts.known.is_none_or(|known| known < 0.3) {
        return told(Kind::Attack(Vector::Http), &["reloads_whole_pages"]);
    }
    let few = (1.0..=JOB_CLIENTS).contains(&whole.carriers);
    if few && !one_path && whole.not_found >= 0.6 && whole.assets < 0.3 {
        return told(Kind::Scan, &["not_found"]);
    }
    if whole.bots >= 0.8 && !one_path && whole.not_found < 0.8 {
        return told(Kind::Crawler, &["declared_machines"]);
    }
    let signs = signs(facts);
    if signs.is_hostile && signs.weight >= ENOUGH && !is_loop(facts) {
        return Some(Verdict { kind: Kind::Attack(Vector::Http), signs: signs.names });
    }
    if is_loop(facts) {
        return told(Kind::RedirectLoop, &["redirected"]);
    }
    if whole.bots >= 0.8 {
        return told(Kind::Crawler, &["declared_machines"]);
    }
    let crowd = crowd(facts);
    let is_crowd = stands_out && whole.clients >= CROWD_CLIENTS && !crowd.is_empty();
    is_crowd.then_some(Verdict { kind: Kind::FlashCrowd, signs: crowd })
}

/// Whether clients are sent in a circle: each asks again and again, because it is told to.
fn is_loop(facts: &Facts) -> bool {
    let redirected = match facts.group {
        Group::Nobody => facts.all.redirected,
        _ => facts.redirected,
    };
    let each = facts.group_requests / facts.clients.max(1.0);
    let ordinary = |says: Says| facts.says_all[says as usize];
    // Clients of one make, or ever new questions, are not sent by the site.
    let of_one_make = facts.one_agent >= 0.8 && facts.clients >= 20.0 && facts.usual_agents < 0.5;
    let by_tools = ordinary(Says::Load) + ordinary(Says::Script) + ordinary(Says::Pingback) >= 0.5;
    redirected >= 0.6
        && (each >= 4.0 || facts.group == Group::Nobody)
        && facts.busting != Busting::Yes
        && facts.changing < 0.5
        && facts.very_fast < 0.5
        && !of_one_make
        && !by_tools
}

/// All that speaks for an attack, less what speaks against it.
fn signs(facts: &Facts) -> Signs {
    let mut signs = Signs::default();
    if facts.group == Group::Nobody {
        return signs;
    }
    let one_path = match facts.group {
        Group::OnePath => true,
        Group::Unseen => facts.all.top_path >= 0.7,
        _ => false,
    };
    signs.add(one_path, "few_paths", 0.5);
    if (1.0..=3.0).contains(&facts.carriers) {
        of_few(facts, &mut signs);
    } else {
        of_many(facts, &mut signs);
    }
    signs.add(facts.known.is_some_and(|known| known >= 0.3), "known_clients", -2.0);
    signs.add(facts.known.is_some_and(|known| known >= 0.5), "known_clients", -2.0);
    signs
}

/// Shares of what is said, usual or not.
fn said(facts: &Facts, all: &[Says]) -> f64 {
    all.iter().map(|says| facts.says_all[*says as usize]).sum()
}

/// The same of what is not usual here.
fn newly_said(facts: &Facts, all: &[Says]) -> f64 {
    all.iter().map(|says| facts.says[*says as usize]).sum()
}

const BROWSERS: &[Says] = &[Says::Browser, Says::OldBrowser];

/// What is said by scripts. Of a log without a usual nobody knows whose services call it.
fn script_like(facts: &Facts) -> &'static [Says] {
    match facts.has_usual {
        true => &[Says::Script, Says::Nothing, Says::Library],
        false => &[Says::Script, Says::Nothing],
    }
}

/// A few hosts: monitors, partners and a curious person among them.
fn of_few(facts: &Facts, signs: &mut Signs) {
    let one_question = facts.group == Group::OnePath && facts.distinct < 0.5;
    let browsers = said(facts, BROWSERS) >= 0.5;
    // Who reads many things asks for each of them once, however fast.
    let reads = facts.group == Group::ManyPaths && facts.all.top_path < 0.3;
    signs.add(facts.fast >= 0.5, "faster_than_people", 1.0);
    signs.is_hostile |= facts.fast >= 0.5 && !reads;
    signs.add(facts.quick >= 0.5, "faster_than_people", 1.0);
    signs.add(facts.very_fast >= 0.5, "faster_than_people", 0.5);
    signs.add(one_question, "one_question", 1.0);
    signs.hostile(facts.busting == Busting::Yes, "cache_busting", 2.0);
    signs.add(facts.busting == Busting::Perhaps, "cache_busting", 0.5);
    signs.add(newly_said(facts, &[Says::Load]) >= 0.5, "tools", 2.0);
    let scripts = newly_said(facts, script_like(facts)) >= 0.5;
    signs.add(scripts, "tools", 1.0);
    signs.add(facts.says[Says::OldBrowser as usize] >= 0.5, "old_agents", 0.5);
    signs.hostile(facts.changing >= 0.5 && browsers, "changing_agents", 2.0);
    let bare = browsers && facts.referred < 0.1 && facts.group == Group::OnePath;
    signs.add(bare, "no_assets", 1.5);
    signs.add(!bare && facts.all.usually_assets, "no_assets", 0.5);
    let unsaid = facts.says_all.iter().sum::<f64>() < 0.1;
    signs.add(unsaid && facts.group == Group::OnePath && facts.quick >= 0.5, "no_assets", 0.5);
    signs.add(facts.known.is_some_and(|known| known <= 0.1), "new_clients", 0.5);
    // Somebody's own machines.
    let slow_script = scripts && facts.very_fast < 0.5 && facts.failed < 0.1;
    signs.add(slow_script && facts.busting != Busting::Yes, "job", -2.5);
    let agents = facts.all.agents;
    let people = facts.changing >= 0.5 && agents >= 30.0 && facts.group_requests <= 40.0 * agents;
    signs.add(people && facts.busting == Busting::No, "many_people", -5.0);
    signs.add(said(facts, &[Says::Bot]) >= 0.8, "declared_machines", -2.0);
    signs.add(said(facts, &[Says::App]) >= 0.5, "apps", -1.0);
    signs.add(facts.usual_agents >= 0.8, "usual_agents", -1.0);
    signs.add(facts.referred >= 0.5 && facts.busting == Busting::No, "referred", -2.0);
    signs.add(facts.path_switches, "reconnects", -3.0);
}

/// Many hosts: a crowd, everybody's apps and devices, or a botnet.
fn of_many(facts: &Facts, signs: &mut Signs) {
    let whole = &facts.all;
    let one_path = facts.group == Group::OnePath;
    let browsers = said(facts, BROWSERS) >= 0.5;
    let apps = said(facts, &[Says::App, Says::Bot, Says::Library]) >= 0.5;
    // What apps and devices do, they do by the clock; so do pages that ask for news, and where a
    // log tells neither who asks nor from where, nobody knows that they are pages.
    let unsaid = facts.says_all.iter().sum::<f64>() < 0.1;
    let blind = (unsaid || !facts.tells_referrers) && !whole.usually_assets;
    let by_clock = if apps || blind { 0.5 } else { 1.0 };
    signs.hostile(facts.fast >= 0.5, "faster_than_people", 2.0);
    signs.hostile(facts.even >= 0.5, "even_gaps", by_clock);
    let steady = facts.steady >= 0.5 && facts.partial < 0.5;
    signs.hostile(steady, "never_pauses", if one_path { 2.0 * by_clock } else { by_clock });
    signs.add(facts.is_faster_than_usual, "faster_than_usual", 1.0);
    // Behind one address of a network of many people each says something of their own.
    let rotates = facts.changing >= 0.5
        && browsers
        && (one_path || facts.carriers > JOB_CLIENTS && facts.referred < 0.3);
    signs.hostile(rotates, "changing_agents", 3.0);
    signs.hostile(said(facts, &[Says::Pingback]) >= 0.5, "pingbacks", 4.0);
    signs.hostile(facts.busting == Busting::Yes, "cache_busting", 2.0);
    signs.hostile(facts.busting == Busting::Perhaps, "cache_busting", 1.0);
    let lost = whole.not_found >= 0.8 && whole.paths >= 0.5 && facts.group == Group::ManyPaths;
    signs.hostile(lost, "random_paths", 2.0);
    let loads = newly_said(facts, &[Says::Load]) >= 0.5;
    let scripts = newly_said(facts, script_like(facts)) >= 0.5;
    let old = facts.says[Says::OldBrowser as usize] >= 0.5;
    let one = facts.one_agent >= 0.5 && browsers && facts.clients >= 20.0;
    signs.add(loads, "tools", 2.0);
    signs.add(!loads && scripts, "tools", 1.5);
    signs.hostile(!loads && !scripts && old, "old_agents", 1.5);
    signs.add(!loads && !scripts && !old && one, "one_agent", 1.5);
    let strange = browsers && whole.usual_browsers <= 0.05
        || newly_said(facts, script_like(facts)) >= 0.8 && whole.usual_scripts <= 0.05;
    signs.add(facts.has_usual && strange && facts.fast >= 0.5, "strange_agents", 1.0);
    bareness(facts, browsers, one, signs);
    signs.add(facts.known.is_some_and(|known| known <= 0.1), "new_clients", 1.0);
    mitigations(facts, apps, signs);
}

fn bareness(facts: &Facts, browsers: bool, one: bool, signs: &mut Signs) {
    let whole = &facts.all;
    // What fails has nothing that could belong to it.
    let served = facts.failed < 0.5 && facts.redirected < 0.5;
    let bare = whole.usually_assets && served && (facts.group != Group::Unseen || whole.is_barer);
    signs.add(bare && browsers, "no_assets", 1.5);
    signs.add(bare && !browsers, "no_assets", 0.5);
    let each = facts.group_requests / facts.clients.max(1.0);
    let alone = browsers && facts.tells_referrers && facts.referred < 0.1;
    let always = !facts.has_usual && alone && (served || facts.fast >= 0.5) && each >= 10.0;
    signs.add(always, "no_assets", 1.5);
    // Who opens a page in a browser six times in minutes loads or follows something.
    let again = facts.again >= 0.5 && alone && served && facts.group == Group::OnePath;
    let usual = whole.usually_assets || whole.usually_referred;
    signs.hostile(again && usual, "comes_again", 2.0);
    signs.add(whole.usually_referred && facts.referred <= 0.1, "no_referrers", 0.5);
    // Browsers of one make that ask for one page as it is, and nothing else.
    let imitated = bare && browsers && one && facts.distinct < 0.3;
    signs.is_hostile |= imitated && facts.group == Group::OnePath;
}

/// What else it may be.
fn mitigations(facts: &Facts, apps: bool, signs: &mut Signs) {
    let few = facts.carriers <= JOB_CLIENTS && facts.carriers > 0.0;
    let served = facts.failed < 0.1;
    let machines = [Says::Script, Says::Library, Says::App, Says::Bot];
    let scripts = said(facts, &machines) >= 0.8;
    let reads = facts.distinct >= 0.8 || facts.all.paths >= 0.5 || facts.posts >= 0.8;
    let calls = !facts.has_usual || facts.usual_agents >= 0.5;
    let owned = said(facts, &[Says::App, Says::Bot]) >= 0.8;
    let is_job = owned || scripts && (reads || calls);
    let job = few && served && is_job && facts.busting != Busting::Yes;
    signs.add(job && facts.rps() < JOB_RPS, "job", -12.0);
    let proxies = few && facts.changing >= 0.5 && facts.group == Group::ManyPaths;
    signs.add(proxies, "proxies", -4.0);
    signs.add(facts.path_switches, "reconnects", -3.0);
    let usual = facts.usual_agents >= 0.6 && facts.path_is_usual;
    let retries = facts.failed >= 0.5 && (usual || !facts.has_usual && apps);
    signs.add(retries, "retries", -2.0);
    // The browsers of people are everybody's; apps are the site's own.
    let browsers = said(facts, BROWSERS) >= 0.5;
    let own = facts.usual_agents >= 0.8 && !browsers;
    let slow = facts.fast < 0.5 && !facts.is_faster_than_usual;
    signs.add(own && slow && !retries, "usual_agents", -1.5);
    let reads = facts.group == Group::ManyPaths && facts.all.top_path < 0.3;
    signs.add(own && reads, "usual_agents", -3.0);
    let varied = facts.agents >= 5.0 && facts.one_agent < 0.5 && facts.changing < 0.5;
    let referred = facts.referred >= 0.5 && facts.busting == Busting::No;
    signs.add(referred && varied && facts.fast < 0.5, "referred", -2.0);
    let each = facts.group_requests / facts.clients.max(1.0);
    signs.add(facts.partial >= 0.5 && each <= PIECES, "downloads", -2.0);
    signs.add(apps && facts.changing >= 0.5, "many_people", -2.0);
    let bots = said(facts, &[Says::Bot]) >= 0.8;
    // No machine that reads sites asks one page ever new things that it cannot have from links.
    let is_false = bots && facts.new_names && facts.busting == Busting::Yes;
    signs.add(is_false, "false_machines", 2.0);
    signs.add(bots && !is_false, "declared_machines", -1.0);
}

/// What speaks for a crowd of people.
fn crowd(facts: &Facts) -> Vec<&'static str> {
    let whole = &facts.all;
    let each = facts.requests / whole.clients.max(1.0);
    let mut signs = Vec::new();
    let mut add = |holds: bool, name: &'static str| signs.extend(holds.then_some(name));
    add(whole.assets >= 0.2 || whole.sessions >= 0.3, "pages_with_assets");
    add(whole.referred >= 0.4, "referred");
    add(facts.known.is_some_and(|known| known >= 0.4), "known_clients");
    let as_usual = whole.usual_agents >= 0.6 && (whole.usual_paths >= 0.5 || each <= 5.0);
    add(as_usual && whole.bots < 0.5, "usual_agents");
    signs
}
