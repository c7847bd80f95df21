//! Style sheets within a page: which classes and ids they hide.
//!
//! Only what is said plainly is taken: a rule for one class or one id (`.toast`, `div.toast`,
//! `#error`) with `display: none` or `visibility: hidden`. A rule for two classes that shows again
//! (`.toast.is-open`) is kept too. Rules for print, or within any other condition, are not read.
//!
//! # What it cannot tell
//!
//! What sheets at other addresses hide, and what depends on where an element stands.

/// Names that are kept of a page.
const NAMES_MAX: usize = 300;

/// What the sheets of a page hide.
#[derive(Clone, Debug, Default)]
pub struct Hidden {
    /// `.name` or `#name`.
    names: Vec<String>,
    /// `.name.other`: shown again.
    shown: Vec<(String, String)>,
}

impl Hidden {
    /// Adds the rules of a sheet.
    pub fn read(&mut self, sheet: &str) {
        let mut depth = 0usize;
        let mut condition = None;
        let mut head = String::new();
        let mut body = String::new();
        let plain = without_comments(sheet);
        for c in plain.chars() {
            match c {
                '{' => {
                    depth += 1;
                    if head.trim_start().starts_with('@') && condition.is_none() {
                        condition = Some(depth);
                    }
                    body.clear();
                }
                '}' => {
                    if depth == 1 && condition.is_none() {
                        self.rule(head.trim(), &body);
                    }
                    depth = depth.saturating_sub(1);
                    if condition.is_some_and(|at| depth < at) {
                        condition = None;
                    }
                    head.clear();
                }
                ';' if depth == 0 => head.clear(),
                other if depth == 0 => head.push(other),
                other => body.push(other),
            }
        }
    }

    fn rule(&mut self, selectors: &str, body: &str) {
        if self.names.len() + self.shown.len() >= NAMES_MAX {
            return;
        }
        let body: String =
            body.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
        let hides = body.contains("display:none") || body.contains("visibility:hidden");
        let shows = !hides && (body.contains("display:") || body.contains("visibility:visible"));
        for selector in selectors.split(',').map(|it| it.trim().to_ascii_lowercase()) {
            let Some(at) = selector.find(['.', '#']) else { continue };
            let (element, name) = selector.split_at(at);
            let plain =
                |it: &str| it.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
            let rest = name.get(1..).unwrap_or_default();
            if !plain(element) || rest.is_empty() {
                continue;
            }
            match rest.split_once('.') {
                None if hides && plain(rest) => self.names.push(name.to_owned()),
                Some((first, second)) if shows && plain(first) && plain(second) => {
                    self.shown.push((first.to_owned(), second.to_owned()));
                }
                _ => {}
            }
        }
    }

    /// Whether an element of these classes, with this id, is hidden.
    pub fn hides(&self, class: &str, id: &str) -> bool {
        if self.names.is_empty() {
            return false;
        }
        let classes = || class.split_whitespace();
        let is_shown = |name: &str| {
            let mut others = self.shown.iter().filter(|(first, _)| first == name);
            others.any(|(_, other)| classes().any(|it| it == other))
        };
        self.names.iter().any(|name| match name.split_at(1) {
            ("#", name) => name == id,
            (_, name) => classes().any(|it| it == name) && !is_shown(name),
        })
    }
}

fn without_comments(sheet: &str) -> String {
    let mut parts = sheet.split("/*");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once("*/").map_or("", |(_, rest)| rest));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_rules_hide_and_conditions_do_not() {
        let mut hidden = Hidden::default();
        hidden.read(
            "@import url(a.css); body{margin:0} /* .lead{display:none} */
             .toast, p.err { color: red; DISPLAY : none } .toast.is-open{display:block}
             #fallback{visibility:hidden} nav .menu{display:none} .a>.b{display:none}
             @media print { .article{display:none} .lead { display:none } }
             .after{display:none}",
        );
        for (class, id, want) in [
            ("toast", "", true),
            ("big toast is-open", "", false),
            ("err", "", true),
            ("", "fallback", true),
            ("menu", "", false),
            ("b", "", false),
            ("article lead", "", false),
            ("after", "", true),
            ("", "", false),
        ] {
            assert_eq!(hidden.hides(class, id), want, "{class} {id}");
        }
        hidden.read("}}}{{{.x{");
    }
}
