//! One pass over the tags of a page.

use html5gum::DefaultEmitter;
use html5gum::StartTag;
use html5gum::Token;
use html5gum::Tokenizer;

use crate::soft::reading::Block;
use crate::soft::reading::Look;
use crate::soft::reading::Place;
use crate::soft::reading::Reading;
use crate::soft::reading::TEXT_CHARS_MAX;
use crate::soft::reading::label::Labels;
use crate::soft::reading::style::Hidden;

/// Elements that are followed inwards; deeper ones count as part of the last.
const DEPTH_MAX: usize = 512;
/// Elements without an end.
const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];
/// Elements inside a line: all others begin a new block.
const INLINE: &[&str] = &[
    "a", "abbr", "b", "bdi", "cite", "code", "em", "font", "i", "kbd", "label", "mark", "q", "s",
    "small", "span", "strong", "sub", "sup", "time", "u", "var",
];
/// Elements whose text nobody sees.
const UNSEEN: &[&str] =
    &["script", "style", "template", "svg", "head", "iframe", "object", "datalist", "math"];
/// Elements that frame every page.
const FRAME: &[&str] = &["nav", "footer", "aside", "menu"];
/// Words in classes and ids of what frames every page.
const FRAME_WORDS: &[&str] = &[
    "nav",
    "navbar",
    "navigation",
    "menu",
    "topbar",
    "toolbar",
    "breadcrumb",
    "breadcrumbs",
    "footer",
    "foot",
    "bottom",
    "colophon",
    "cookie",
    "cookies",
    "consent",
    "gdpr",
    "skip",
    "sidebar",
    "copyright",
    "masthead",
    "copy",
    "legal",
    "cookiebanner",
    "header",
    "pagetop",
    "lang",
    "langs",
    "language",
    "languages",
];
/// Words in classes of what is not shown.
const HIDDEN_WORDS: &[&str] = &[
    "hidden",
    "d-none",
    "is-hidden",
    "hide",
    "invisible",
    "visually-hidden",
    "sr-only",
    "screen-reader-text",
    "u-hidden",
    "display-none",
    "ng-hide",
];
/// Types of schema.org for what is written to be read.
const STORIES: &[&str] =
    &["Article\"", "BlogPosting\"", "FAQPage\"", "HowTo\"", "QAPage\"", "DiscussionForumPosting\""];
/// Ids of elements that scripts fill.
const MOUNTS: &[&str] = &[
    "root",
    "app",
    "__next",
    "__nuxt",
    "react-root",
    "app-root",
    "main-app",
    "application",
    "svelte",
    "___gatsby",
    "ember-root",
    "mount",
    "__layout",
    "q-app",
    "vue-app",
];

/// The state of the pass.
pub(super) struct Markup<'r> {
    reading: &'r mut Reading,
    open: Vec<Element>,
    text: String,
    /// Letters of `text` that stand in links and buttons.
    pressed: usize,
    chars: usize,
    in_title: bool,
    raw: Option<String>,
    hidden: Hidden,
}

#[derive(Clone, Default)]
struct Element {
    name: String,
    is_unseen: bool,
    is_noscript: bool,
    is_folded: bool,
    is_data: bool,
    is_frame: bool,
    is_main: bool,
    is_control: bool,
    is_heading: bool,
    is_code: bool,
    is_article: bool,
    labels: Labels,
}

impl<'r> Markup<'r> {
    /// Reads all of a page.
    pub(super) fn read(source: &str, reading: &'r mut Reading) {
        let mut emitter = DefaultEmitter::<()>::default();
        emitter.naively_switch_states(true);
        let mut this = Self {
            reading,
            open: Vec::new(),
            text: String::new(),
            pressed: 0,
            chars: 0,
            in_title: false,
            raw: None,
            hidden: Hidden::default(),
        };
        for token in Tokenizer::new_with_emitter(source, emitter) {
            let Ok(token) = token;
            match token {
                Token::StartTag(tag) => this.start(&tag),
                Token::EndTag(tag) => this.end(&String::from_utf8_lossy(&tag.name)),
                Token::String(text) => this.text(&String::from_utf8_lossy(&text)),
                Token::Doctype(_) => this.reading.is_document = true,
                Token::Comment(_) | Token::Error(_) => {}
            }
        }
        this.flush();
        this.reading.ends_inside = this.raw.take();
        prefer_main(this.reading);
    }

    fn start(&mut self, tag: &StartTag<()>) {
        let name = String::from_utf8_lossy(&tag.name).into_owned();
        self.reading.tags += 1;
        let attribute = |wanted: &str| {
            let found =
                tag.attributes.iter().find(|(name, _)| name.as_slice() == wanted.as_bytes());
            found.map(|(_, value)| String::from_utf8_lossy(&value.value).to_ascii_lowercase())
        };
        self.count(&name, &attribute);
        let is_inline = INLINE.contains(&name.as_str());
        if !is_inline {
            self.flush();
        }
        if name == "br" {
            self.text.push(' ');
        }
        if VOID.contains(&name.as_str()) || self.open.len() >= DEPTH_MAX {
            return;
        }
        let parent = self.open.last().cloned().unwrap_or_default();
        let class = attribute("class").unwrap_or_default();
        let id = attribute("id").unwrap_or_default();
        let role = attribute("role").unwrap_or_default();
        let style: String = attribute("style").unwrap_or_default().replace(' ', "");
        let words =
            || class.split([' ', '_']).chain(id.split(['-', '_'])).filter(|w| !w.is_empty());
        let is_body = name == "body" || name == "html";
        let is_hidden = !is_body
            && (attribute("hidden").is_some()
                || style.contains("display:none")
                || style.contains("visibility:hidden")
                || self.hidden.hides(&class, &id)
                || (parent.is_folded && name != "summary")
                || (attribute("aria-hidden").is_some_and(|it| it == "true") && waits(&class))
                || (name == "dialog" && attribute("open").is_none())
                || class.split_whitespace().any(|word| HIDDEN_WORDS.contains(&word)));
        let frames = FRAME.contains(&name.as_str())
            || matches!(role.as_str(), "navigation" | "contentinfo" | "banner" | "dialog" | "menu")
            || (name == "header" && !parent.is_main && !parent.is_article)
            || (!is_body
                && name != "main"
                && !parent.is_main
                && words().flat_map(|word| word.split('-')).any(|w| FRAME_WORDS.contains(&w)));
        let is_main = parent.is_main || name == "main" || role == "main";
        let is_mount = MOUNTS.contains(&id.as_str()) || name.ends_with("-root");
        self.reading.has_mount |= is_mount;
        let element = Element {
            is_unseen: parent.is_unseen || is_hidden || UNSEEN.contains(&name.as_str()),
            is_noscript: parent.is_noscript || name == "noscript",
            is_folded: name == "details" && attribute("open").is_none(),
            is_data: name == "script"
                && attribute("type").is_some_and(|kind| kind.contains("ld+json")),
            is_frame: (parent.is_frame && name != "main") || frames,
            is_main,
            is_control: parent.is_control
                || matches!(name.as_str(), "a" | "button" | "label" | "option" | "select"),
            is_heading: parent.is_heading || matches!(name.as_str(), "h1" | "h2" | "h3"),
            is_code: parent.is_code || matches!(name.as_str(), "pre" | "samp"),
            is_article: parent.is_article || name == "article",
            labels: parent.labels.with(Labels::of(&class)).with(Labels::of(&id)),
            name: name.clone(),
        };
        if name == "title" && !parent.is_unseen_but_head() {
            self.in_title = self.reading.title.is_empty();
        }
        if matches!(name.as_str(), "script" | "style" | "textarea" | "title") {
            self.raw = Some(name);
        }
        self.open.push(element);
    }

    fn count(&mut self, name: &str, attribute: &impl Fn(&str) -> Option<String>) {
        let unseen = self.open.last().is_some_and(|element| element.is_unseen);
        let reading = &mut *self.reading;
        match name {
            "html" => reading.is_document = true,
            "script" => {
                let kind = attribute("type").unwrap_or_default();
                let is_data = kind.contains("json") || kind.contains("template");
                reading.scripts += usize::from(!is_data);
            }
            "input" | "textarea" | "select" if !unseen => {
                let kind = attribute("type").unwrap_or_default();
                reading.passwords += usize::from(kind == "password");
                reading.fields += usize::from(kind != "hidden");
            }
            "img" | "video" | "picture" | "canvas" if !unseen => reading.pictures += 1,
            "a" if !unseen => reading.links += 1,
            "meta" => {
                let equiv = attribute("http-equiv").unwrap_or_default();
                let content = attribute("content").unwrap_or_default();
                let refreshes = equiv == "refresh";
                reading.refreshes |= refreshes && content.contains("url");
                reading.reloads |= refreshes && !content.contains("url");
                let property = attribute("property").unwrap_or_default();
                reading.is_story |= property == "og:type" && content == "article";
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        if name == "html" || name == "body" {
            self.reading.is_closed = true;
        }
        if !INLINE.contains(&name) {
            self.flush();
        }
        self.raw = None;
        self.in_title &= name != "title";
        if let Some(at) = self.open.iter().rposition(|element| element.name == name) {
            self.open.truncate(at);
        }
    }

    fn text(&mut self, text: &str) {
        if self.in_title {
            self.reading.title.push_str(text);
            return;
        }
        let Some(element) = self.open.last() else { return self.take(text, false) };
        if element.name == "style" {
            self.hidden.read(text);
        } else if element.is_data {
            self.reading.is_story |= STORIES.iter().any(|kind| text.contains(kind));
        } else if element.is_noscript {
            self.reading.noscript.push_str(text);
        } else if !element.is_unseen {
            let (is_control, is_article) = (element.is_control, element.is_article);
            if is_article {
                self.reading.article_chars += text.trim().chars().count();
            }
            self.take(text, is_control);
        }
    }

    fn take(&mut self, text: &str, is_control: bool) {
        if self.chars > TEXT_CHARS_MAX {
            return;
        }
        self.chars += text.len();
        if is_control {
            self.pressed += letters(text);
        }
        self.text.push_str(text);
    }

    fn flush(&mut self) {
        let text = std::mem::take(&mut self.text);
        let element = self.open.last().cloned().unwrap_or_default();
        let pressed = std::mem::take(&mut self.pressed);
        // A link within a sentence is part of it; a line of links is none.
        let is_control = pressed * 5 >= letters(&text) * 4;
        if text.trim().is_empty() {
            return;
        }
        let lower = text.to_lowercase();
        let is_small_print = lower.contains('©') || lower.contains("cookie") && text.len() < 400;
        let place = if element.is_frame || is_small_print {
            Place::Frame
        } else if is_control && !element.is_heading {
            Place::Control
        } else {
            Place::Middle
        };
        let Element { is_heading, is_code, is_main, labels, .. } = element;
        self.reading.push(&text, place, Look { is_heading, is_code, is_main, labels });
    }
}

/// What waits for its moment, by its classes: a message, a dialog.
fn waits(class: &str) -> bool {
    const WAITING: [&str; 6] = ["toast", "modal", "dialog", "snackbar", "alert", "popup"];
    WAITING.iter().any(|name| class.contains(name))
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphanumeric()).count()
}

impl Element {
    /// Titles stand in the head, which is unseen; those of drawings are not the page's.
    fn is_unseen_but_head(&self) -> bool {
        self.is_unseen && self.name != "head"
    }
}

/// Where a page names its middle, what stands outside of it is frame.
fn prefer_main(reading: &mut Reading) {
    let is_middle = |block: &Block| block.place == Place::Middle;
    if reading.blocks.iter().any(|block| block.is_main && is_middle(block)) {
        for block in &mut reading.blocks {
            if !block.is_main && is_middle(block) {
                block.place = Place::Frame;
            }
        }
    }
}
