//! A Rust file as words and signs, without comments and strings: enough to see what it names.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Words and signs of a file, in order.
pub(crate) struct Source {
    tokens: Vec<String>,
}

impl Source {
    pub(crate) fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("read {}: {error}", path.display()));
        Self { tokens: tokens(&text) }
    }

    /// Without what stands from `#[cfg(test)]` on, which by custom is the end of the file.
    pub(crate) fn without_tests(mut self) -> Self {
        let mark = ["#", "[", "cfg", "(", "test", ")", "]"];
        if let Some(at) = self.find(&mark) {
            self.tokens.truncate(at);
        }
        self
    }

    pub(crate) fn has(&self, words: &[&str]) -> bool {
        self.find(words).is_some()
    }

    /// `mod a; mod b;` → a, b.
    pub(crate) fn declared_modules(&self) -> Vec<String> {
        let named = self.tokens.windows(3).filter(|three| three[0] == "mod" && three[2] == ";");
        named.map(|three| three[1].clone()).collect()
    }

    /// The first name after each `crate::`, those inside `crate::{…}` included.
    pub(crate) fn imports_of_crate(&self) -> Vec<String> {
        let mut names = Vec::new();
        for (at, three) in self.tokens.windows(3).enumerate() {
            if three[0] != "crate" || three[1] != ":" || three[2] != ":" {
                continue;
            }
            match self.tokens.get(at + 3).map(String::as_str) {
                Some("{") => names.extend(self.first_names(at + 4)),
                Some(name) => names.push(name.to_owned()),
                None => {}
            }
        }
        names
    }

    /// The names that begin each item of a brace that was opened just before `at`.
    fn first_names(&self, at: usize) -> Vec<String> {
        let (mut depth, mut begins, mut names) = (0_usize, true, Vec::new());
        for token in &self.tokens[at..] {
            match token.as_str() {
                "{" => depth += 1,
                "}" if depth == 0 => break,
                "}" => depth -= 1,
                "," => begins = depth == 0,
                name => {
                    if begins && depth == 0 {
                        names.push(name.to_owned());
                    }
                    begins = false;
                }
            }
        }
        names
    }

    fn find(&self, words: &[&str]) -> Option<usize> {
        self.tokens.windows(words.len()).position(|window| window.iter().zip(words).all(|(have, want)| have == want))
    }
}

/// `module.rs` and everything in `module/`, tests left out.
pub(crate) fn files_of_module(src: &Path, module: &str) -> Vec<PathBuf> {
    let folder = src.join(module);
    let mut files = vec![src.join(format!("{module}.rs"))];
    if folder.is_dir() {
        files.extend(files_under(&folder));
    }
    files
}

/// Every Rust file below a folder, tests left out.
pub(crate) fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("list {}: {error}", folder.display())) {
        let path = entry.expect("a folder's entry").path();
        let is_test = path.file_stem().is_some_and(|stem| stem == "tests");
        if path.is_dir() && !is_test {
            files.extend(files_under(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") && !is_test {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if first == '"' {
            string_length(rest)
        } else if first.is_alphanumeric() || first == '_' {
            let length = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
            tokens.push(rest[..length].to_owned());
            length
        } else {
            if !first.is_whitespace() {
                tokens.push(first.to_string());
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    tokens
}

/// How long the string literal at the beginning is, its quotes included.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => return at + 1,
            _ => escaped = false,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sees_names_and_not_comments_or_strings() {
        let text = "// crate::x\nuse crate::{a::{b, c}, d};\nlet s = \"crate::y \\\" mod z;\"; crate::e::f(); mod g;\n#[cfg(test)] mod h;";
        let source = Source { tokens: tokens(text) };
        assert_eq!(source.imports_of_crate(), ["a", "d", "e"]);
        assert_eq!(source.declared_modules(), ["g", "h"]);
        assert!(source.has(&["e", ":", ":", "f", "("]));
        assert_eq!(source.without_tests().declared_modules(), ["g"]);
    }
}
