//! `[probes]`, `[[module]]` and `[[probe]]` of the configuration.
//!
//! A text that begins with `$` is the value of that variable of the environment, so that no secret
//! has to stand in the file.

use std::net::IpAddr;
use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;

use outcry_collector::address::Url;
use outcry_collector::define::Definition;
use outcry_collector::define::StepDefinition;
use outcry_collector::define::TIMEOUT_MS_MAX;
use outcry_collector::define::TIMEOUT_MS_MIN;
use outcry_collector::schedule::INTERVAL_MAX;
use outcry_collector::schedule::INTERVAL_MIN;
use outcry_collector::schedule::RUNNING_MAX;
use outcry_core::units::Country;
use outcry_wire::document::Table;

/// Letters of the shortest token that is taken for a secret.
const TOKEN_CHARS_MIN: usize = 16;
/// Seconds between two looks, when nothing else is said.
pub const INTERVAL_S: u32 = 60;
/// Targets that stand as long as our own network does, of three who have nothing to do with each
/// other.
pub const REFERENCES: [&str; 3] =
    ["https://www.wikipedia.org/", "https://one.one.one.one/", "https://www.iana.org/"];

/// What an operator can set about probing.
#[derive(Clone, Debug, PartialEq)]
pub struct Probes {
    /// Whether anything is probed.
    pub enabled: bool,
    /// The name of this vantage point.
    pub vantage: String,
    /// Where it stands.
    pub country: Option<Country>,
    /// In which network.
    pub asn: Option<u32>,
    /// Where to write to in order not to be probed.
    pub contact: String,
    /// Whether the services of the catalogue are probed.
    pub catalog: bool,
    /// Seconds between two looks.
    pub interval_s: u32,
    /// Whether private addresses and all ports may be probed.
    pub allow_private: bool,
    /// Name servers; empty: those of the system.
    pub resolvers: Vec<SocketAddr>,
    /// A file of roots that are trusted besides none other; `None`: those of the system.
    pub roots: Option<PathBuf>,
    /// Targets that stand as long as our own network does.
    pub references: Vec<String>,
    /// Names that are never probed.
    pub opt_out: Vec<String>,
    /// Looks at the same time.
    pub running_max: usize,
    /// The operator's listener.
    pub listen: Option<SocketAddr>,
    /// Its token.
    pub token: String,
    /// Modules by name.
    pub modules: Vec<(String, Definition)>,
    /// Monitors besides those of the catalogue.
    pub own: Vec<Definition>,
}

impl Default for Probes {
    fn default() -> Self {
        Self {
            enabled: true,
            vantage: "here".into(),
            country: None,
            asn: None,
            contact: String::new(),
            catalog: true,
            interval_s: INTERVAL_S,
            allow_private: false,
            resolvers: Vec::new(),
            roots: None,
            references: REFERENCES.map(str::to_owned).to_vec(),
            opt_out: Vec::new(),
            running_max: RUNNING_MAX,
            listen: None,
            token: String::new(),
            modules: Vec::new(),
            own: Vec::new(),
        }
    }
}

/// Reads all three.
pub fn read(document: &mut Table<'_>, folder: &Path, probes: &mut Probes) {
    document.table("probes", |table| read_table(table, folder, probes));
    let mut modules = Vec::new();
    document.tables("module", |table| {
        let name = table.required_text("name");
        let definition = define(table, Whose::Module);
        // What a module says is tried on a page, so that its mistakes are told here.
        let of_names = definition.conditions.iter().any(|line| line.contains("[DNS_RCODE]"));
        let target = if of_names { "dns:example.org" } else { "https://example.org/" };
        let tried = Definition { target: target.into(), ..definition.clone() };
        if tried.kind.is_none() && tried.steps.is_empty() {
            tell(table, &tried);
        }
        if modules.iter().any(|(known, _)| *known == name) {
            table.mistake("name", format!("there are two modules {name:?}"), "a name for each");
        }
        modules.push((name, definition));
    });
    let own = document.tables("probe", |table| {
        let mut definition = define(table, Whose::Monitor);
        for name in table.texts("use") {
            match modules.iter().find(|(known, _)| *known == name) {
                Some((_, module)) => definition = definition.or(module),
                None => {
                    let known: Vec<&str> = modules.iter().map(|(name, _)| name.as_str()).collect();
                    let instead = match known.as_slice() {
                        [] => "a [[module]] of that name before it".to_owned(),
                        known => format!("one of {known:?}, or a [[module]] of that name"),
                    };
                    table.mistake("use", format!("there is no module {name:?}"), instead);
                }
            }
        }
        tell(table, &definition);
        definition
    });
    probes.modules = modules;
    probes.own = own;
}

fn read_table(table: &mut Table<'_>, folder: &Path, probes: &mut Probes) {
    let text = |table: &mut Table<'_>, key: &str| table.text(key).filter(|it| !it.is_empty());
    if let Some(enabled) = table.flag("enabled") {
        probes.enabled = enabled;
    }
    if let Some(vantage) = text(table, "vantage") {
        probes.vantage = vantage;
    }
    if let Some(country) = text(table, "vantage_country") {
        probes.country = Country::parse(&country);
        if probes.country.is_none() {
            let what = format!("{country:?} is no country");
            table.mistake("vantage_country", what, "two letters, such as \"DE\"");
        }
    }
    if let Some(asn) = table.integer("vantage_asn", 0..=i64::from(u32::MAX)) {
        probes.asn = u32::try_from(asn).ok().filter(|asn| *asn > 0);
    }
    if let Some(contact) = table.text("contact") {
        if !contact.is_ascii() || contact.chars().any(char::is_control) {
            let what = "the contact cannot be sent in a head";
            table.mistake("contact", what, "\"mailto:ops@example.org\" or an address of a page");
        }
        probes.contact = contact;
    }
    if let Some(catalog) = table.flag("probe_catalog") {
        probes.catalog = catalog;
    }
    let (least, most) = (INTERVAL_MIN.as_secs(), INTERVAL_MAX.as_secs());
    let allowed = i64::try_from(least).unwrap_or(5)..=i64::try_from(most).unwrap_or(86_400);
    if let Some(interval_s) = table.integer("interval_s", allowed) {
        probes.interval_s = u32::try_from(interval_s).unwrap_or(INTERVAL_S);
    }
    if let Some(allow) = table.flag("allow_private") {
        probes.allow_private = allow;
    }
    for server in table.texts("resolvers") {
        let read = server.parse::<SocketAddr>();
        match read.or_else(|_| server.parse::<IpAddr>().map(|ip| (ip, 53).into())) {
            Ok(server) => probes.resolvers.push(server),
            Err(_) => {
                let what = format!("{server:?} is no address of a name server");
                table.mistake("resolvers", what, "\"192.0.2.1\" or \"192.0.2.1:53\"");
            }
        }
    }
    probes.roots = text(table, "trusted_roots").map(|file| folder.join(file));
    if table.has("references") {
        probes.references = table.texts("references");
    }
    for reference in probes.references.clone() {
        if Url::parse(&reference).is_err() {
            let what = format!("{reference:?} is no address");
            table.mistake("references", what, "\"https://example.org/\"");
        }
    }
    probes.opt_out = table.texts("opt_out");
    if let Some(running) = table.integer("running_max", 1..=20_000) {
        probes.running_max = usize::try_from(running).unwrap_or(RUNNING_MAX);
    }
    if let Some(listen) = text(table, "console") {
        probes.listen = listen.parse().ok();
        if probes.listen.is_none() {
            let what = format!("{listen:?} is no address with a port");
            table.mistake("console", what, "\"127.0.0.1:9115\", or \"\" for none");
        }
    }
    if let Some(token) = variable(table, "token") {
        probes.token = token;
    }
    if probes.listen.is_some() && probes.token.chars().count() < TOKEN_CHARS_MIN {
        let what = format!("the console needs a token of {TOKEN_CHARS_MIN} letters or more");
        table.mistake("token", what, "\"$OUTCRY_TOKEN\", and the secret in the environment");
    }
}

/// Whose keys are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    Module,
    Monitor,
}

fn define(table: &mut Table<'_>, whose: Whose) -> Definition {
    let number = |table: &mut Table<'_>, key: &str, (least, most): (u32, u32)| {
        let allowed = i64::from(least)..=i64::from(most);
        table.integer(key, allowed).and_then(|it| u32::try_from(it).ok())
    };
    let is_monitor = whose == Whose::Monitor;
    Definition {
        target: if is_monitor {
            variable(table, "target").unwrap_or_default()
        } else {
            String::new()
        },
        kind: table.text("kind"),
        service: is_monitor.then(|| table.required_text("service")),
        component: is_monitor.then(|| table.text("component")).flatten(),
        interval_s: interval(table),
        timeout_ms: number(table, "timeout_ms", (TIMEOUT_MS_MIN, TIMEOUT_MS_MAX)),
        conditions: table.texts("conditions"),
        method: table.text("method"),
        headers: variables(table, "headers"),
        body: variable(table, "body"),
        basic: variable(table, "basic"),
        bearer: variable(table, "bearer"),
        redirects: number(table, "redirects", (0, 10)).and_then(|it| u8::try_from(it).ok()),
        family: table.text("family"),
        soft: table.text("soft"),
        send: table.text("send"),
        expect: table.text("expect"),
        starttls: table.text("starttls"),
        record: table.text("record"),
        steps: table.tables("step", |step| StepDefinition {
            name: step.required_text("name"),
            url: variable(step, "url").unwrap_or_default(),
            method: step.text("method"),
            headers: variables(step, "headers"),
            body: variable(step, "body"),
            conditions: step.texts("conditions"),
            capture: step.text_map("capture"),
        }),
    }
}

fn interval(table: &mut Table<'_>) -> Option<u32> {
    let (least, most) = (INTERVAL_MIN.as_secs(), INTERVAL_MAX.as_secs());
    let allowed = i64::try_from(least).unwrap_or(5)..=i64::try_from(most).unwrap_or(86_400);
    table.integer("interval_s", allowed).and_then(|it| u32::try_from(it).ok())
}

/// Tells the mistakes of a definition at the lines of its keys.
fn tell(table: &mut Table<'_>, definition: &Definition) {
    for wrong in definition.check().err().unwrap_or_default() {
        table.mistake(wrong.field, wrong.what, wrong.instead);
    }
}

/// A text, or the variable of the environment that it names.
pub fn variable(table: &mut Table<'_>, key: &str) -> Option<String> {
    let text = table.text(key)?;
    Some(resolve(table, key, text))
}

fn variables(table: &mut Table<'_>, key: &str) -> Vec<(String, String)> {
    let pairs = table.text_map(key);
    pairs.into_iter().map(|(name, text)| (name, resolve(table, key, text))).collect()
}

/// What a text names: itself, or a variable of the environment.
pub fn resolve(table: &mut Table<'_>, key: &str, text: String) -> String {
    let name = text.strip_prefix('$').filter(|name| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    });
    let Some(name) = name else { return text };
    match std::env::var(name) {
        Ok(value) => value,
        Err(_) => {
            let what = format!("the environment has no variable {name}");
            table.mistake(key, what, format!("{name}=… before the command, or the value itself"));
            String::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use outcry_wire::document;

    use super::*;

    fn read_text(text: &str) -> Result<Probes, Vec<usize>> {
        let read = document::read("o.toml", text, |table| {
            let mut probes = Probes::default();
            read(table, Path::new("/etc/outcry"), &mut probes);
            probes
        });
        read.map_err(|mistakes| mistakes.iter().map(|mistake| mistake.line).collect())
    }

    #[test]
    fn a_probe_takes_from_its_modules_and_the_environment() {
        let text = "[[module]]\nname = \"web\"\nconditions = [\"[STATUS] == 200\"]\n\
                    timeout_ms = 3000\nheaders = { authorization = \"$PATH\" }\n\
                    [[probe]]\nservice = \"x\"\ntarget = \"https://x.com/\"\nuse = [\"web\"]\n";
        let probes = read_text(text).expect("well written");
        assert_eq!(probes.own[0].timeout_ms, Some(3_000));
        assert_eq!(probes.own[0].conditions, ["[STATUS] == 200"]);
        assert_ne!(probes.own[0].headers[0].1, "$PATH");
        assert!(probes.enabled && probes.vantage == "here");
    }

    #[test]
    fn a_flow_is_written_in_steps() {
        let text = "[[probe]]\nservice = \"x\"\n[[probe.step]]\nname = \"open\"\n\
                    url = \"https://x.com/\"\ncapture = { token = \"[BODY].t\" }\n\
                    [[probe.step]]\nname = \"log in\"\nurl = \"https://x.com/in?t={token}\"\n\
                    method = \"POST\"\n";
        let probes = read_text(text).expect("well written");
        assert_eq!(probes.own[0].check().map(|(kind, _)| kind), Ok("flow"));
    }

    #[test]
    fn every_mistake_is_told_at_its_line() {
        let text = "[probes]\ninterval_s = 1\nresolvers = [\"here\"]\nconsole = \"127.0.0.1:1\"\n\
                    [[probe]]\nservice = \"x\"\ntarget = \"https://x.com/\"\nuse = [\"wbe\"]\n\
                    conditions = [\"[STATUS] = 200\"]\nbearer = \"$NOT_A_VARIABLE_OF_ANYONE\"\n\
                    colour = 1\n";
        assert_eq!(read_text(text), Err(vec![1, 2, 3, 8, 9, 10, 11]));
    }
}
