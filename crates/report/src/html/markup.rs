//! Markup put together so that only text written in this program can be markup.
//!
//! Always holds: tags and attribute names are literals; whatever else is given is escaped.

use crate::neutral::visible;

/// The longest text shown whole.
const LIMIT: usize = 2_000;

/// A page being written.
#[derive(Debug)]
pub(crate) struct Page {
    out: String,
}

/// The attributes of an element.
pub(crate) type Attributes<'a> = &'a [(&'static str, &'a str)];

impl Page {
    /// A page that starts with `head`.
    pub(crate) fn new(head: &'static str) -> Self {
        Self { out: head.to_owned() }
    }

    /// Markup of our own.
    pub(crate) fn raw(&mut self, markup: &'static str) {
        self.out.push_str(markup);
    }

    /// A picture that escaped its own labels.
    pub(crate) fn drawn(&mut self, svg: &str) {
        self.out.push_str(svg);
    }

    /// Text, whoever it came from.
    pub(crate) fn text(&mut self, text: &str) {
        for c in visible(text, LIMIT).chars() {
            match c {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '"' => self.out.push_str("&quot;"),
                '\'' => self.out.push_str("&#39;"),
                c => self.out.push(c),
            }
        }
    }

    /// The start of an element.
    pub(crate) fn open(&mut self, tag: &'static str, attributes: Attributes<'_>) {
        self.out.push('<');
        self.out.push_str(tag);
        for (name, value) in attributes {
            self.out.push(' ');
            self.out.push_str(name);
            self.out.push_str("=\"");
            self.text(value);
            self.out.push('"');
        }
        self.out.push('>');
    }

    /// The end of an element.
    pub(crate) fn close(&mut self, tag: &'static str) {
        self.out.push_str("</");
        self.out.push_str(tag);
        self.out.push('>');
    }

    /// An element that holds text only.
    pub(crate) fn leaf(&mut self, tag: &'static str, attributes: Attributes<'_>, text: &str) {
        self.open(tag, attributes);
        self.text(text);
        self.close(tag);
    }

    /// The bytes written so far.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.out.as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::neutral::is_hidden;

    fn shown(text: &str) -> String {
        let mut page = Page::new("");
        page.leaf("a", &[("title", text)], text);
        page.out
    }

    #[test]
    fn text_is_never_markup() {
        assert_eq!(
            shown("<b>\"&'\u{202e}"),
            "<a title=\"&lt;b&gt;&quot;&amp;&#39;\\u{202e}\">&lt;b&gt;&quot;&amp;&#39;\\u{202e}</a>"
        );
    }

    proptest! {
        #[test]
        fn no_text_opens_a_tag(text in any::<String>()) {
            let shown = shown(&text);
            prop_assert_eq!(shown.matches('<').count(), 2);
            prop_assert_eq!(shown.matches('"').count(), 2);
            prop_assert!(!shown.chars().any(is_hidden));
        }
    }
}
