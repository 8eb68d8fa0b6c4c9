//! From a byte of a text to its line and its character in the line, both from 1.

/// Where each line of a text begins.
pub(crate) struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    /// Lines end with LF, CR LF or, in old files, a lone CR.
    pub(crate) fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let ends_line = |at: usize| bytes[at] == b'\n' || (bytes[at] == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
        let starts = std::iter::once(0).chain((0..bytes.len()).filter(|&at| ends_line(at)).map(|at| at + 1)).collect();
        Self { starts }
    }

    /// The line and column of a byte; a byte past the end is taken as the end.
    pub(crate) fn place(&self, text: &str, byte: usize) -> (u32, u32) {
        let byte = byte.min(text.len());
        let line = self.starts.partition_point(|&start| start <= byte);
        let before = &text.as_bytes()[self.starts[line - 1]..byte];
        let characters = before.iter().filter(|&&byte| byte & 0xC0 != 0x80).count();
        (count(line), count(characters + 1))
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        let text = "ab\r\n位号,c\rd\n";
        let place = |byte| Lines::of(text).place(text, byte);
        assert_eq!(place(0), (1, 1));
        assert_eq!(place(3), (1, 4));
        assert_eq!(place(4), (2, 1));
        assert_eq!(place(text.find('c').expect("there is a c")), (2, 4));
        assert_eq!(place(text.find('d').expect("there is a d")), (3, 1));
        assert_eq!(place(text.len()), (4, 1));
        assert_eq!(place(text.len() + 9), (4, 1));
        assert_eq!(Lines::of("").place("", 0), (1, 1));
    }
}
