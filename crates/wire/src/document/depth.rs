//! Refuses keys of very many parts before parsing.
//!
//! The parser bounds how deep braces nest and how long a dotted key is, but not the two together:
//! `{a.a.a…={a.a.a…=` makes a tree so deep that dropping it exhausts the stack (seen with toml
//! 1.2.1). With few parts a key no tree is deeper than a thousand levels. Text in quotes and
//! comments is stepped over exactly as the parser's lexer does.

/// Parts a dotted key or a table's heading may have.
pub(super) const KEY_PARTS_MAX: usize = 8;

/// Where the first key of more than [`KEY_PARTS_MAX`] parts goes too far, in bytes.
pub(super) fn long_key(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut parts = 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'.' => parts += 1,
            b'=' | b',' | b'[' | b']' | b'{' | b'}' | b'\r' | b'\n' => parts = 1,
            _ => {}
        }
        if parts > KEY_PARTS_MAX {
            return Some(at);
        }
        at = end_of_token(bytes, at);
    }
    None
}

fn end_of_token(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at..];
    let until = |stop: &[u8]| rest.iter().position(|b| stop.contains(b)).unwrap_or(rest.len());
    let length = match rest[0] {
        b'.' | b'=' | b',' | b'[' | b']' | b'{' | b'}' | b' ' | b'\t' | b'\r' | b'\n' => 1,
        b'#' => until(b"\r\n"),
        b'"' | b'\'' => end_of_quote(rest),
        _ => until(b".=,[]{} \t#\r\n"),
    };
    at + length
}

/// The length of the text in quotes at the start of `rest`; a line's end closes a single quote.
fn end_of_quote(rest: &[u8]) -> usize {
    let quote = rest[0];
    let long = [quote; 3];
    let escapes = quote == b'"';
    let many_lines = rest.starts_with(&long);
    let mut at = if many_lines { 3 } else { 1 };
    while let Some(byte) = rest.get(at) {
        if escapes && *byte == b'\\' {
            at += if matches!(rest.get(at + 1), Some(b'\\' | b'"')) { 2 } else { 1 };
        } else if many_lines && rest[at..].starts_with(&long) {
            let spare = rest[at + 3..].iter().take(2).take_while(|b| **b == quote).count();
            return at + 3 + spare;
        } else if !many_lines && *byte == b'\n' {
            return at;
        } else if !many_lines && *byte == quote {
            return at + 1;
        } else {
            at += 1;
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_keys_are_counted() {
        let dots = ".a".repeat(KEY_PARTS_MAX);
        for text in [
            "a.b.c = 1.5\n[x.y]\nz = [1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5]".to_owned(),
            format!("a = \"{dots}\" # {dots}"),
            format!("a = \"\\\"{dots}\""),
            format!("a = '\\' # {dots}"),
            format!("a = \"\"\"\n\"\" {dots}\"\"\"\"\" # \"{dots}"),
            format!("a = '''\n{dots}'''"),
            format!("\"{dots}\".b = 1"),
            format!("a = \"{dots}"),
        ] {
            assert_eq!(long_key(&text), None, "{text}");
        }
        for text in [
            format!("a{dots} = 1"),
            format!("x = {{a{dots} = 1}}"),
            format!("[a{dots}]"),
            format!("a = \"\n a{dots} = 1"),
            format!("a = \"\\\\\" {dots}"),
            format!("\"=\".'='.\"{{\"{dots}"),
            format!("it's{dots}"),
        ] {
            assert!(long_key(&text).is_some(), "{text}");
        }
    }
}
