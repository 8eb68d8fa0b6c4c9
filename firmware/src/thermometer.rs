//! The temperature of the box, as the kernel's thermal zones tell it.

use crate::limits;
use davy_config::Thermometer;
use davy_core::time::Monotonic;
use std::{fs::File, io::Read as _, path::Path};

/// What was read last.
pub(crate) struct Temperature {
    of: Option<Thermometer>,
    read_at: Monotonic,
    celsius: Result<Option<i32>, String>,
    hot: bool,
}

impl Temperature {
    pub(crate) fn new(of: Option<Thermometer>, now: Monotonic) -> Self {
        Self { of, read_at: now, celsius: Ok(None), hot: false }
    }

    /// Reads it when it is time.
    pub(crate) fn look(&mut self, now: Monotonic) {
        let Some(of) = self.of.as_ref().filter(|_| now >= self.read_at) else { return };
        self.read_at = now.after(limits::THERMOMETER_MS);
        self.celsius = read(&of.file).map(Some).ok_or_else(|| {
            format!(
                "the temperature cannot be read from {}: correct the file in [thermometer] of the board's description",
                of.file.display()
            )
        });
        if let Ok(Some(celsius)) = self.celsius {
            let limit = i32::try_from(of.celsius_max).unwrap_or(i32::MAX);
            let clear = if self.hot { limits::THERMOMETER_HYSTERESIS } else { 0 };
            self.hot = celsius > limit - clear;
        }
    }

    /// In degrees Celsius, where it is known.
    pub(crate) fn celsius(&self) -> Option<i32> {
        self.celsius.as_ref().ok().copied().flatten()
    }

    /// What is wrong with it.
    pub(crate) fn trouble(&self) -> Option<String> {
        match &self.celsius {
            Err(why) => Some(why.clone()),
            Ok(Some(celsius)) if self.hot => Some(format!("the box has {celsius} °C: see to its cooling")),
            Ok(_) => None,
        }
    }
}

fn read(file: &Path) -> Option<i32> {
    let mut text = String::new();
    File::open(file).ok()?.take(limits::FILE_BYTES_MAX).read_to_string(&mut text).ok()?;
    text.trim().parse::<i32>().ok().map(|thousandths| thousandths / 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_hot_box_is_told_until_it_is_well_below_its_limit() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("temp");
        let mut temperature = Temperature::new(Some(Thermometer { file: file.clone(), celsius_max: 80 }), Monotonic(0));
        temperature.look(Monotonic(0));
        assert!(temperature.trouble().is_some_and(|why| why.contains("cannot be read")));
        let steps = [
            ("79999\n", 79, false),
            ("81000\n", 81, true),
            ("76000\n", 76, true),
            ("75000\n", 75, false),
            ("-3000\n", -3, false),
        ];
        for (at, (text, celsius, hot)) in steps.into_iter().enumerate() {
            fs::write(&file, text).expect("a file");
            temperature.look(Monotonic(limits::THERMOMETER_MS * (at as u64 + 1)));
            assert_eq!((temperature.celsius(), temperature.trouble().is_some()), (Some(celsius), hot), "{text}");
        }
    }
}
