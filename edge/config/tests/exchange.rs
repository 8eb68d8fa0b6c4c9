//! The point table goes to a spreadsheet program and comes back: nothing changes by itself, what changed is told cell by
//! cell, what is wrong is told at its place, and whatever a file holds, its reading ends and is bounded.

#![expect(clippy::unwrap_used, reason = "a good folder is part of the test")]

use davy_config::{
    Errors, Files,
    exchange::{self, Format, Header, Import, Others, POINT_TABLE, Proposal},
};
use proptest::{collection::vec, prelude::*, sample};
use rust_xlsxwriter::{ExcelDateTime, Format as CellFormat, Workbook};
use std::{io::Write, path::Path, sync::LazyLock};
use zip::{ZipWriter, write::SimpleFileOptions};

static SITE: LazyLock<Files> =
    LazyLock::new(|| Files::from_dir(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/site"))).unwrap());
static TEMPLATE: LazyLock<Files> = LazyLock::new(|| {
    Files::from_dir(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/template"))).unwrap()
});

const FORMATS: [Format; 3] = [Format::CsvUtf8, Format::CsvGbk, Format::Xlsx];
const HEADERS: [Header; 2] = [Header::Chinese, Header::English];
/// The least columns of a table with a limit.
const HEADER: &str = "tag,name,source,address,range_low,range_high,H,guidance";

fn import(files: &Files, name: &str, bytes: &[u8]) -> Result<Import, Errors> {
    exchange::import(files, name, bytes, Others::Removed, &|_| Ok("a secret of the test".to_owned()))
}

fn merge(files: &Files, bytes: &[u8]) -> Result<Import, Errors> {
    exchange::import(files, "more.csv", bytes, Others::Kept, &|_| Ok("a secret of the test".to_owned()))
}

fn with_table(files: &Files, table: &str) -> Files {
    let mut files = files.clone();
    files.0.insert(POINT_TABLE.to_owned(), table.as_bytes().to_vec());
    files
}

/// The template with a table of tags of the OPC UA source, for whatever rows there are.
fn with_rows(rows: &[&str]) -> Files {
    let mut files = with_table(&TEMPLATE, &format!("{HEADER}\n{}\n", rows.join("\n")));
    files.0.remove("rules.toml");
    files
}

/// A workbook of these texts; what begins with `#` is a number.
fn workbook(rows: &[&[&str]]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(*cells) {
            match cell.strip_prefix('#') {
                Some(number) => sheet.write_number(row, column, number.parse::<f64>().unwrap()).unwrap(),
                None => sheet.write_string(row, column, *cell).unwrap(),
            };
        }
    }
    workbook.save_to_buffer().unwrap()
}

fn messages(result: Result<Import, Errors>) -> String {
    result.map(|import| import.difference.to_string()).unwrap_err().to_string()
}

#[test]
fn what_goes_out_comes_back_unchanged() {
    let odd = with_rows(&[
        "0012,=1+1,dcs,ns=2;s=A,0,100.0,4.0,",
        "1101,'-a',dcs,ns=2;s=B,-5,1e3,80,\"two\nlines, \"\"quoted\"\"\"",
        "123456789012345678,+x,dcs,ns=2;s=C,,,,@cmd",
        "1/2,TRUE,dcs,ns=2;s=D,0,00100,0.30000000000000004,-",
    ]);
    for files in [&*SITE, &*TEMPLATE, &odd] {
        davy_config::read(files, &|_| Ok(String::new())).unwrap();
        for (format, header) in FORMATS.into_iter().flat_map(|format| HEADERS.map(|header| (format, header))) {
            // A text of the test's site may have a character that GBK has not, which is refused: see below.
            let bytes = exchange::export(files, format, header).unwrap();
            assert_eq!(bytes, exchange::export(files, format, header).unwrap(), "the same table, the same file");
            let back = import(files, "back", &bytes).unwrap_or_else(|errors| panic!("{format:?} {header:?}: {errors}"));
            assert!(back.difference.is_empty(), "{format:?} {header:?}: {}", back.difference);
            let again = with_table(files, std::str::from_utf8(&back.bytes).unwrap());
            assert!(import(&again, "again", &bytes).unwrap().difference.is_empty(), "{format:?} {header:?}");
            assert_eq!(exchange::export(&again, format, header).unwrap(), bytes, "{format:?} {header:?}");
        }
    }
}

#[test]
fn a_cell_that_begins_like_a_formula_is_a_text_everywhere() {
    let files = with_rows(&["A,=1+1,dcs,ns=2;s=A,-5,100,80,"]);
    let csv = String::from_utf8(exchange::export(&files, Format::CsvUtf8, Header::English).unwrap()).unwrap();
    assert!(csv.contains("A,\"\t=1+1\",dcs") && csv.contains(",-5,100,"), "{csv}");
    let back = import(&files, "back.csv", b"tag,name,source,address\nA,=2+2,dcs,ns=2;s=A\n").unwrap();
    assert!(back.difference.changed.iter().any(|change| change.new == "=2+2"), "{}", back.difference);
}

#[test]
fn a_difference_names_every_cell_and_the_table_keeps_its_shape() {
    let files = with_table(
        &with_rows(&[]),
        "\u{feff}位号,名称,地址,数据源,高限,量程下限,量程上限\r\nA,a,ns=2;s=A,dcs,80.0,0,100\r\nB,b,ns=2;s=B,dcs,,,\r\nC,c,ns=2;s=C,dcs,,,\r\n",
    );
    let incoming = workbook(&[
        &["tag", "name", "source", "address", "range_low", "range_high", "H", "guidance"],
        &["C", "c", "dcs", "ns=2;s=C"],
        &["A", "a", "dcs", "ns=2;s=A", "#0", "#120", "#80", "call, then go"],
        &["#7", "seven", "dcs", "ns=2;s=D"],
    ]);
    let import = import(&files, "new.xlsx", &incoming).unwrap();
    assert_eq!(
        import.difference.to_string(),
        "+ 7\n- B\n~ A: range_high (量程上限): 100 → 120\n~ A: guidance (处置措施): (empty) → call, then go\n\
         ~ the tags stand in another order\n1 added, 1 removed, 1 changed in 2 cells"
    );
    assert_eq!(
        String::from_utf8(import.bytes).unwrap(),
        "\u{feff}位号,名称,地址,数据源,高限,量程下限,量程上限,guidance\r\nC,c,ns=2;s=C,dcs,,,,\r\n\
         A,a,ns=2;s=A,dcs,80,0,120,\"call, then go\"\r\n7,seven,ns=2;s=D,dcs,,,,\r\n"
    );
}

#[test]
fn a_table_may_begin_from_none() {
    let mut files = with_rows(&[]);
    files.0.remove(POINT_TABLE);
    let form = exchange::export(&files, Format::CsvUtf8, Header::Chinese).unwrap();
    assert!(form.starts_with("\u{feff}位号,名称,".as_bytes()) && form.ends_with("上报死区\r\n".as_bytes()));
    let import = import(&files, "first.csv", b"tag,name,source,address\nA,a,dcs,ns=2;s=A\n").unwrap();
    assert_eq!(import.difference.added, ["A"]);
    assert_eq!(import.bytes, b"tag,name,source,address\nA,a,dcs,ns=2;s=A\n");
}

#[test]
fn mistakes_are_told_at_their_place() {
    let files = with_rows(&["A,a,dcs,ns=2;s=A,0,100,80,"]);
    let gbk = |text: &str| encoding_rs::GBK.encode(text).0.into_owned();
    let head = ["tag", "name", "source", "address", "H"];
    let cases: Vec<(Vec<u8>, &[&str])> = vec![
        (b"tag,name,source,address,H\nA,a,dcs,ns=2;s=A,8o\n".to_vec(), &["new:2:18: H: \"8o\" is not a number"]),
        (gbk("位号,名称,数据源,地址,高限\n甲,罐,dcs,ns=2;s=A,8o\n"), &["new:2:18: 高限: \"8o\" is not a number"]),
        (
            workbook(&[&head, &["A", "two\nlines", "dcs", "ns=2;s=A"], &["B", "b", "nowhere", "ns=2;s=B", "8o"]]),
            &["new:2:2: B2: name: has a line break", "new:3:3: C3: source: ", "new:3:5: E3: H: \"8o\" is not a number"],
        ),
        (
            workbook(&[&head, &[], &["A", "a", "dcs", "ns=2;s=A"], &["A", "a", "dcs", "ns=2;s=B"]]),
            &["new:4:1: A4: tag: \"A\" stands already in new:3;"],
        ),
        (workbook(&[&["tag", "nmae", "source", "address"]]), &["new:1:2: B1: the column \"nmae\" is not known"]),
        (workbook(&[&head, &["A", "a", "dcs", "ns=2;s=A", "", "80"]]), &["new:2:6: F2: stands under no header"]),
        (workbook(&[&head, &["#1e16", "a", "dcs", "ns=2;s=A"]]), &["new:2:1: A2: is a number of more than 15 digits"]),
        (
            workbook(&[&["tag", "name", "source", "address", "上报死区"], &["A", "a", "dcs", "ns=2;s=A", "#0.01"]]),
            &["new:2:5: E2: \"0.01\" is a number, which a spreadsheet program makes of 1%"],
        ),
        (workbook(&[]), &["the header row is missing"]),
        (Vec::new(), &["the header row is missing"]),
        (b"\xFF\xFEt\0a\0".to_vec(), &["UTF-16"]),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec(), &["old .xls workbook"]),
        (b"tag,name\xFF\xFF\n".to_vec(), &["neither UTF-8 nor GBK"]),
        (b"PK\x03\x04rubbish".to_vec(), &["the workbook cannot be read"]),
    ];
    for (bytes, words) in cases {
        let said = messages(import(&files, "new", &bytes));
        words.iter().for_each(|words| assert!(said.contains(words), "{words}: {said}"));
    }
}

#[test]
fn formulas_dates_and_errors_of_a_workbook_are_refused() {
    let files = with_rows(&[]);
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, header) in (0..).zip(["tag", "name", "source", "address", "H"]) {
        sheet.write_string(0, column, header).unwrap();
    }
    sheet.write_formula(1, 0, "=\"A\"&1").unwrap();
    let date = CellFormat::new().set_num_format("yyyy-mm-dd");
    sheet.write_datetime_with_format(2, 3, ExcelDateTime::from_ymd(2026, 1, 2).unwrap(), &date).unwrap();
    sheet.write_boolean(3, 1, true).unwrap();
    let said = messages(import(&files, "new.xlsx", &workbook.save_to_buffer().unwrap()));
    assert!(said.contains("new.xlsx:2:1: A2: is a formula, which is never computed"), "{said}");
    assert!(said.contains("new.xlsx:3:4: D3: has become a date"), "{said}");
}

#[test]
fn a_tag_that_a_rule_needs_cannot_be_removed() {
    let bytes = exchange::export(&TEMPLATE, Format::CsvUtf8, Header::English).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let without: Vec<&str> = text.lines().filter(|line| !line.starts_with("XS-2101.BYP,")).collect();
    let said = messages(import(&TEMPLATE, "new.csv", without.join("\n").as_bytes()));
    assert!(said.contains("rules.toml:") && said.contains("\"XS-2101.BYP\" is not a tag of tags.csv"), "{said}");
}

#[test]
fn gbk_has_not_every_character() {
    let files = with_rows(&["A,流量m³/h,dcs,ns=2;s=A,,,,"]);
    let said = exchange::export(&files, Format::CsvGbk, Header::English).unwrap_err().to_string();
    assert!(said.contains("\"A\": name (名称) has the character '³'"), "{said}");
}

/// A part of a workbook and its text.
type Part<'a> = (&'a str, &'a [u8]);

/// The parts of a good workbook, some of them replaced.
fn forged(replaced: &[Part<'_>]) -> Vec<u8> {
    let good = workbook(&[&["tag", "name", "source", "address"], &["A", "a", "dcs", "ns=2;s=A"]]);
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(good)).unwrap();
    let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut part, &mut bytes).unwrap();
        let bytes = replaced.iter().find(|(part, _)| *part == name).map_or(&bytes[..], |(_, bytes)| bytes);
        writer.start_file(&*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn a_workbook_cannot_take_more_than_it_may() {
    let files = with_rows(&[]);
    assert_eq!(import(&files, "new", &forged(&[])).unwrap().difference.added, ["A"]);
    let sheet = |cells: &str| format!("<worksheet><sheetData><row r=\"1\">{cells}</row></sheetData></worksheet>");
    let far = |place: &str| sheet(&format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>tag</t></is></c>"));
    let bomb = vec![b' '; 130 << 20];
    let texts = b"<sst uniqueCount=\"99999999999999\"><si><t>tag</t></si></sst>";
    let heavy = format!("<sst><si><t>{}</t></si></sst>", "x".repeat(1 << 20));
    let many = sheet(&(1..=20).map(|row| format!("<c r=\"A{row}\" t=\"s\"><v>0</v></c>")).collect::<String>());
    let [right, wide, low] = ["XFD1048576", "ZZZZZZZZZ1", "A4294967295"].map(far);
    let cases: [(&[Part<'_>], &str); 6] = [
        (&[("xl/styles.xml", &bomb)], "unpacks to more than 128 MiB"),
        (&[("xl/sharedStrings.xml", texts)], "announces more texts"),
        (&[("xl/worksheets/sheet1.xml", right.as_bytes())], "XFD1048576 is beyond 100000 rows"),
        (&[("xl/worksheets/sheet1.xml", wide.as_bytes())], "is beyond 100000 rows"),
        (&[("xl/worksheets/sheet1.xml", low.as_bytes())], "is beyond 100000 rows"),
        (
            &[("xl/sharedStrings.xml", heavy.as_bytes()), ("xl/worksheets/sheet1.xml", many.as_bytes())],
            "texts are longer than 16 MiB",
        ),
    ];
    for (parts, words) in cases {
        let said = messages(import(&files, "new", &forged(parts)));
        assert!(said.contains(words), "{words}: {said}");
    }
}

/// Bytes put somewhere, bytes taken out, or the rest cut off.
#[derive(Clone, Debug)]
enum Change {
    Put(sample::Index, Vec<u8>),
    Take(sample::Index, u8),
    Cut(sample::Index),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any::<sample::Index>(), vec(any::<u8>(), 1..8)).prop_map(|(at, bytes)| Change::Put(at, bytes)),
        (any::<sample::Index>(), any::<u8>()).prop_map(|(at, length)| Change::Take(at, length)),
        any::<sample::Index>().prop_map(Change::Cut),
    ]
}

fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        match change {
            Change::Put(at, put) => {
                let at = at.index(bytes.len() + 1);
                let end = (at + put.len()).min(bytes.len());
                bytes.splice(at..end, put.iter().copied());
            }
            Change::Take(at, length) => {
                let at = at.index(bytes.len() + 1);
                bytes.drain(at..(at + usize::from(*length)).min(bytes.len()));
            }
            Change::Cut(at) => bytes.truncate(at.index(bytes.len() + 1)),
        }
    }
    bytes
}

/// It ends, and an error says where it is.
fn ends(bytes: &[u8]) {
    match import(&TEMPLATE, "new", bytes) {
        Ok(import) => assert!(std::str::from_utf8(&import.bytes).is_ok()),
        Err(Errors(findings)) => {
            assert!(!findings.is_empty());
            assert!(findings.iter().all(|finding| finding.line > 0 && finding.column > 0), "{findings:?}");
        }
    }
}

/// A part of a workbook and what it becomes; the parts are changed unpacked, or else only the unpacking would be tried.
fn part() -> impl Strategy<Value = &'static str> {
    sample::select(vec![
        "xl/worksheets/sheet1.xml",
        "xl/sharedStrings.xml",
        "xl/styles.xml",
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
        "_rels/.rels",
    ])
}

fn unpacked(name: &str) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(forged(&[]))).unwrap();
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut archive.by_name(name).unwrap(), &mut bytes).unwrap();
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_end(bytes in vec(any::<u8>(), 0..512), mark in sample::select(vec![&b""[..], b"PK\x03\x04", b"\xEF\xBB\xBF", b"tag,name,source,address\n"])) {
        ends(&[mark, &bytes].concat());
    }

    #[test]
    fn changed_tables_end(format in sample::select(FORMATS.to_vec()), changes in vec(change(), 1..6)) {
        let bytes = exchange::export(&TEMPLATE, format, Header::Chinese).unwrap();
        ends(&changed(bytes, &changes));
    }

    #[test]
    fn workbooks_with_a_changed_part_end(name in part(), changes in vec(change(), 1..6)) {
        let bytes = changed(unpacked(name), &changes);
        ends(&forged(&[(name, &bytes)]));
    }

    #[test]
    fn texts_survive_every_way(cells in vec("[ -~罐温度℃\n]{1,12}", 1..6)) {
        let rows: Vec<String> = cells.iter().enumerate()
            .map(|(at, cell)| format!("T{at},n,dcs,ns=2;s=T{at},,,,\"{}\"", cell.replace('"', "\"\""))).collect();
        let files = with_rows(&rows.iter().map(String::as_str).collect::<Vec<_>>());
        for (format, header) in FORMATS.into_iter().flat_map(|format| HEADERS.map(|header| (format, header))) {
            let back = import(&files, "back", &exchange::export(&files, format, header).unwrap()).unwrap();
            prop_assert!(back.difference.is_empty(), "{format:?}: {}", back.difference);
        }
    }
}

#[test]
fn a_merged_table_keeps_the_other_tags() {
    let files = with_rows(&["LI-1,液位,dcs,ns=2;s=LI-1,0,100,80,甲", "TI-1,温度,dcs,ns=2;s=TI-1,0,100,,"]);
    let more = "位号,名称,数据源,地址,高限\nPI-1,压力,dcs,ns=2;s=PI-1,\nLI-1,新液位,dcs,ns=2;s=LI-1,90\n";
    let merged = merge(&files, more.as_bytes()).unwrap();
    let table = String::from_utf8(merged.bytes).unwrap();
    let rows: Vec<&str> = table.lines().collect();
    assert_eq!(
        rows,
        [
            HEADER,
            "LI-1,新液位,dcs,ns=2;s=LI-1,,,90,",
            "TI-1,温度,dcs,ns=2;s=TI-1,0,100,,",
            "PI-1,压力,dcs,ns=2;s=PI-1,,,,",
        ]
    );
    assert_eq!((merged.difference.added, merged.difference.removed.len()), (vec!["PI-1".to_owned()], 0));
    assert!(merge(&files, table.replace("新液位", "液位").as_bytes()).unwrap().difference.added == ["PI-1"]);
}

#[test]
fn what_is_wrong_with_a_merged_table_is_told_at_its_line() {
    let files = with_rows(&["LI-1,液位,dcs,ns=2;s=LI-1,0,100,80,\"一\n二\"", "TI-1,温度,dcs,ns=2;s=TI-1,0,100,,"]);
    for (more, words) in [
        ("tag,name,source,address,H\nPI-1,压力,dcs,ns=2;s=PI-1,x\n", "more.csv:2:1: H"),
        ("tag,name,source,address,H\n\nTI-1,温度,dcs,ns=2;s=TI-1,x\n", "more.csv:3:1: H"),
        ("tag,name,source,address\nPI-1,a,dcs,ns=2;s=P\nPI-1,b,dcs,ns=2;s=P\n", "stands already in more.csv:2"),
        ("tag,name,source\nPI-1,a,dcs\n", "more.csv:1:1: the column address"),
        ("tag,name,source,address,H\nTI-1,温度,DCS,ns=2;s=TI-1,\n", "more.csv:2:1: source"),
    ] {
        let errors = messages(merge(&files, more.as_bytes()));
        assert!(errors.contains(words), "{words}: {errors}");
    }
}

#[test]
fn what_a_server_has_is_proposed_and_can_be_imported() {
    let files = with_rows(&["LI-1,液位,dcs,ns=2;s=LI-1,0,100,80,甲"]);
    let node = |path: &str, name: &str, unit: &str, range| Proposal {
        path: path.split('/').map(str::to_owned).collect(),
        name: name.to_owned(),
        address: format!("nsu=urn:plant;s={path}"),
        also: format!("ns=2;s={path}"),
        engineering_unit: unit.to_owned(),
        range,
    };
    let found = [
        node("LI-1", "Level", "%", Some((0.0, 50.0))),
        node("FIC-1/PV", "流量, \"主\"\n线", "m³/h", Some((0.0, 12.5))),
        node("FIC-2/PV", "", "", Some((5.0, 5.0))),
    ];
    for format in FORMATS.iter().filter(|format| **format != Format::CsvGbk) {
        for header in HEADERS {
            let (bytes, known) = exchange::propose(&files, "dcs", &found, (*format, header)).unwrap();
            assert_eq!(known, 1);
            let import = import(&files, "points.csv", &bytes).unwrap();
            assert_eq!(import.difference.added, ["FIC-1.PV", "FIC-2.PV"], "{format:?}");
            assert_eq!(import.difference.changed, [], "what is known already stays as it is");
            let table = String::from_utf8(import.bytes).unwrap();
            assert!(table.contains("LI-1,液位,dcs,ns=2;s=LI-1,0,100,80,甲,\n"), "{table}");
            assert!(
                table.contains("FIC-1.PV,\"流量, \"\"主\"\" 线\",dcs,nsu=urn:plant;s=FIC-1/PV,0,12.5,,,m³/h\n"),
                "{table}"
            );
            assert!(table.contains("FIC-2.PV,FIC-2.PV,dcs,nsu=urn:plant;s=FIC-2/PV,,,,,\n"), "{table}");
        }
    }
}
