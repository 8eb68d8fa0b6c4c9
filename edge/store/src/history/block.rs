//! A block: the values of a few tags from one batch, as columns. Each column is one number where all are the same, else
//! coded by the library `pco`, which finds the regularity of clocks and of measured values by itself.

use super::point::{Mark, Value};
use crate::limits;
use davy_core::{quality::Quality, time::UtcTime};
use pco::{
    ChunkConfig,
    data_types::Number,
    standalone::{simple_compress, simple_decompress},
};
use serde::{Deserialize, Serialize};

/// How hard `pco` tries: beyond it blocks hardly shrink, and the box has better things to do.
const EFFORT: usize = 4;

#[derive(Serialize, Deserialize)]
struct Columns<'a> {
    /// Values of each tag; the columns hold them tag after tag.
    counts: Vec<u32>,
    #[serde(borrow)]
    times: Column<'a, i64>,
    #[serde(borrow)]
    delays: Column<'a, i64>,
    /// Of each tag, or of all together where each has few: what one transmitter gives is unlike what another does. The bits of the
    /// value where all are the same: not-a-number equals nothing.
    #[serde(borrow)]
    values: Vec<Column<'a, u64>>,
    #[serde(borrow)]
    qualities: Column<'a, u32>,
    #[serde(borrow)]
    marks: Column<'a, u16>,
}

#[derive(Serialize, Deserialize)]
enum Column<'a, T> {
    Same(T),
    #[serde(borrow)]
    Packed(std::borrow::Cow<'a, [u8]>),
}

/// Codes the values of some tags.
pub(super) fn write(tags: &[Vec<Value>]) -> Result<Vec<u8>, String> {
    let all = || tags.iter().flatten();
    let columns = Columns {
        counts: tags.iter().map(|tag| u32::try_from(tag.len()).unwrap_or(u32::MAX)).collect(),
        times: pack(all().map(|value| value.time.0))?,
        delays: pack(all().map(|value| value.received_time.since(value.time)))?,
        values: pack_values(tags)?,
        qualities: pack(all().map(|value| value.quality.0))?,
        marks: pack(all().map(|value| value.mark as u16))?,
    };
    postcard::to_stdvec(&columns).map_err(|error| error.to_string())
}

/// The values of the tag at a place in the block; none where the block has no such tag.
pub(super) fn read(bytes: &[u8], place: usize) -> Result<Vec<Value>, String> {
    let columns: Columns<'_> = postcard::from_bytes(bytes).map_err(|error| error.to_string())?;
    let count = |at: usize| columns.counts.get(at).map_or(0, |count| *count as usize);
    let before: usize = (0..place).map(count).sum();
    let all: usize = columns.counts.iter().map(|count| *count as usize).sum();
    let wanted = before..before + count(place);
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let times: Vec<i64> = unpack(columns.times, all)?;
    let delays: Vec<i64> = unpack(columns.delays, all)?;
    // One column for each tag, or one for all of them.
    let apart = columns.values.len() > 1;
    let (column, count, from) = if apart { (place, wanted.len(), before) } else { (0, all, 0) };
    let column = columns.values.into_iter().nth(column).ok_or("a tag without a column of values")?;
    let values = unpack_values(column, count)?;
    let qualities = unpack(columns.qualities, all)?;
    let marks = unpack(columns.marks, all)?;
    wanted
        .map(|at| {
            Ok(Value {
                time: UtcTime(times[at]),
                received_time: UtcTime(times[at].saturating_add(delays[at])),
                value: values[at - from],
                quality: Quality(qualities[at]),
                mark: Mark::read(marks[at]).ok_or("a mark of another version")?,
            })
        })
        .collect()
}

fn pack<T: Number + PartialEq>(numbers: impl Iterator<Item = T>) -> Result<Column<'static, T>, String> {
    let numbers: Vec<T> = numbers.collect();
    match same(&numbers) {
        Some(number) => Ok(Column::Same(number)),
        None => Ok(Column::Packed(code(&numbers)?.into())),
    }
}

fn pack_values(tags: &[Vec<Value>]) -> Result<Vec<Column<'static, u64>>, String> {
    let values: usize = tags.iter().map(Vec::len).sum();
    if values >= tags.len() * limits::COLUMN_VALUES_MIN {
        tags.iter().map(|tag| pack_column(tag.iter())).collect()
    } else {
        Ok(vec![pack_column(tags.iter().flatten())?])
    }
}

fn pack_column<'v>(values: impl Iterator<Item = &'v Value>) -> Result<Column<'static, u64>, String> {
    let values: Vec<f64> = values.map(|value| value.value).collect();
    let bits: Vec<u64> = values.iter().map(|value| value.to_bits()).collect();
    match same(&bits) {
        Some(bits) => Ok(Column::Same(bits)),
        None => Ok(Column::Packed(code(&values)?.into())),
    }
}

fn same<T: Copy + PartialEq>(numbers: &[T]) -> Option<T> {
    let (first, rest) = numbers.split_first()?;
    rest.iter().all(|number| number == first).then_some(*first)
}

fn code<T: Number>(numbers: &[T]) -> Result<Vec<u8>, String> {
    let config = ChunkConfig::default().with_compression_level(EFFORT);
    simple_compress(numbers, &config).map_err(|error| error.to_string())
}

fn unpack<T: Number>(column: Column<'_, T>, count: usize) -> Result<Vec<T>, String> {
    match column {
        Column::Same(number) => Ok(vec![number; count]),
        Column::Packed(bytes) => decode(&bytes, count),
    }
}

fn unpack_values(column: Column<'_, u64>, count: usize) -> Result<Vec<f64>, String> {
    match column {
        Column::Same(bits) => Ok(vec![f64::from_bits(bits); count]),
        Column::Packed(bytes) => decode(&bytes, count),
    }
}

fn decode<T: Number>(bytes: &[u8], count: usize) -> Result<Vec<T>, String> {
    let numbers = simple_decompress(bytes).map_err(|error| error.to_string())?;
    if numbers.len() == count {
        Ok(numbers)
    } else {
        Err(format!("a column holds {} numbers instead of {count}", numbers.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tag's values: as many, of a kind of its own.
    fn tag(count: i64, number: fn(i64) -> f64) -> Vec<Value> {
        let value = |n| Value {
            time: UtcTime(1_000 * n),
            received_time: UtcTime(1_000 * n + n % 7),
            value: number(n),
            quality: if n % 50 == 3 { Quality::UNCERTAIN } else { Quality::GOOD },
            mark: if n % 70 == 5 { Mark::Received } else { Mark::Sourced },
        };
        (0..count).map(value).collect()
    }

    #[test]
    fn many_values_and_few_come_out_as_they_went_in() {
        let wanders: fn(i64) -> f64 = |n| (n as f64 * 0.7).sin() * 50.0;
        let rests: fn(i64) -> f64 = |_| -0.0;
        let hundredths: fn(i64) -> f64 = |n| ((n * 37 % 1_000) as f64) / 100.0;
        for counts in [[500, 500, 500, 500], [500, 0, 3, 500], [1, 2, 0, 3], [0, 0, 0, 1], [9_000, 1, 1, 1]] {
            let kinds = [wanders, rests, hundredths, wanders];
            let tags: Vec<Vec<Value>> = counts.into_iter().zip(kinds).map(|(count, kind)| tag(count, kind)).collect();
            let bytes = write(&tags).unwrap();
            for (place, expected) in tags.iter().enumerate() {
                let bits = |values: &[Value]| values.iter().map(|value| value.value.to_bits()).collect::<Vec<_>>();
                let got = read(&bytes, place).unwrap();
                assert_eq!((&got, bits(&got)), (expected, bits(expected)), "{counts:?} {place}");
            }
            assert_eq!(read(&bytes, 4).unwrap(), []);
        }
        assert!(read(b"nothing of ours", 0).is_err());
    }
}
