//! The sheet of a loop check for a spreadsheet program, or for paper: A4, landscape, with room for who checked.

use super::loops::Loop;
use davy_api::{LoopCheck, LoopPoint, LoopResult};
use davy_core::{model::Gateway, time::UtcTime};

const COLUMNS: [(&str, &str); 19] = [
    ("位号", "tag"),
    ("名称", "name"),
    ("数据源", "source"),
    ("地址", "address"),
    ("原始值", "raw"),
    ("工程值", "scaled"),
    ("单位", "unit"),
    ("质量", "quality"),
    ("低低限", "LL"),
    ("低限", "L"),
    ("高限", "H"),
    ("高高限", "HH"),
    ("检查人", "checked by"),
    ("日期", "date"),
    ("结论", "result"),
    ("备注", "remarks"),
    ("量程下限", "range low"),
    ("量程上限", "range high"),
    ("施加 → 读数", "applied → read %"),
];

/// Where those sign who answer for it.
const SIGNATURES: &str = "<p class=\"s\"><span>检查 checked</span><span>监护 witnessed</span><span>审核 approved</span>\
<span>日期 date</span></p>";

/// Columns whose cells stand at the right.
const NUMBERS: [usize; 8] = [4, 5, 8, 9, 10, 11, 16, 17];

const STYLE: &str = "@page{size:A4 landscape;margin:10mm}\
body{font:9pt/1.3 \"Noto Sans CJK SC\",\"Microsoft YaHei\",\"SimSun\",sans-serif;margin:0}\
h1{font-size:14pt;margin:0 0 2mm}p{margin:0 0 3mm}\
table{border-collapse:collapse;width:100%}thead{display:table-header-group}tr{break-inside:avoid}\
th,td{border:1px solid #000;padding:1mm;text-align:left;vertical-align:top;overflow-wrap:anywhere}\
th span{display:block;font-weight:normal}td.n{text-align:right;overflow-wrap:normal}td:empty{min-width:12mm}\
p.s{display:flex;gap:8mm;margin-top:12mm;break-inside:avoid}p.s span{flex:1;border-top:1px solid #000;padding-top:1mm}";

fn cells(row: &Loop) -> [String; 19] {
    let number = |number: Option<f64>| number.map(|number| number.to_string()).unwrap_or_default();
    let [ll, l, h, hh] = row.limits.map(number);
    let [points, by, at, result, note] = found(row.check.as_ref());
    let remarks: Vec<&str> = [note.as_str(), &row.remarks].into_iter().filter(|words| !words.is_empty()).collect();
    [
        row.tag.clone(),
        row.name.clone(),
        row.source.clone(),
        row.address.clone(),
        row.raw.clone().unwrap_or_default(),
        number(row.value),
        row.engineering_unit.clone(),
        row.quality.map(|quality| quality.to_string()).unwrap_or_default(),
        ll,
        l,
        h,
        hh,
        by,
        at,
        result,
        remarks.join("; "),
        number(row.range.map(|range| range.0)),
        number(row.range.map(|range| range.1)),
        points,
    ]
}

/// Points, who, when, the result and the note; empty where nobody has checked, to be filled in by hand.
fn found(check: Option<&LoopCheck>) -> [String; 5] {
    let Some(LoopCheck { result, points, note, by, at }) = check else { return Default::default() };
    let result = match result {
        LoopResult::Pass => "合格 pass",
        LoopResult::Fail => "不合格 fail",
        LoopResult::NotDone => "未做 not done",
    };
    let points = points.iter().map(|LoopPoint { applied, read }| format!("{applied} → {read}"));
    [points.collect::<Vec<_>>().join("; "), by.clone(), at.to_string(), result.to_owned(), note.clone()]
}

/// CSV (RFC 4180) in UTF-8 with a byte order mark, by which spreadsheet programs know the encoding.
pub(super) fn csv(loops: &[Loop]) -> String {
    let header = COLUMNS.map(|(chinese, english)| format!("{chinese} {english}")).join(",");
    let rows = loops.iter().map(|row| cells(row).map(|cell| quoted(&cell)).join(","));
    std::iter::once(header).chain(rows).fold("\u{feff}".to_owned(), |text, line| text + &line + "\r\n")
}

/// What a spreadsheet program would take for a formula is a text behind a tab.
fn quoted(cell: &str) -> String {
    let computes = cell.starts_with(['=', '+', '-', '@']) && cell.parse::<f64>().is_err();
    if computes {
        return format!("\"\t{}\"", cell.replace('"', "\"\""));
    }
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

/// A page that needs nothing else.
pub(super) fn html(gateway: &Gateway, loops: &[Loop], read_at: Option<UtcTime>) -> String {
    let head = COLUMNS.map(|(chinese, english)| format!("<th>{chinese}<span>{english}</span></th>")).concat();
    let read = read_at
        .map_or_else(|| "未读取数值 values not read".to_owned(), |time| format!("读取时间 values read at {time}"));
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"zh\"><head><meta charset=\"utf-8\"><title>回路测试表 Loop check</title><style>{STYLE}</style></head>\n\
         <body><h1>回路测试表 Loop check sheet</h1>\n<p>{} · 配置版本 configuration {} · {read} · {} 个位号 tags</p>\n\
         <table><thead><tr>{head}</tr></thead><tbody>\n",
        escaped(&gateway.name),
        escaped(&gateway.config_version),
        loops.len()
    );
    for row in loops {
        page.push_str("<tr>");
        for (at, cell) in cells(row).iter().enumerate() {
            let class = if NUMBERS.contains(&at) { " class=\"n\"" } else { "" };
            page.push_str(&format!("<td{class}>{}</td>", escaped(cell)));
        }
        page.push_str("</tr>\n");
    }
    page + "</tbody></table>" + SIGNATURES + "</body></html>\n"
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn odd() -> Vec<Loop> {
        vec![Loop {
            tag: "<script>alert(1)</script>".to_owned(),
            name: "=1+1, \"a\" & 'b'".to_owned(),
            value: Some(-4.0),
            limits: [None, Some(-5.0), Some(80.0), None],
            range: Some((-50.0, 150.0)),
            check: Some(LoopCheck {
                result: LoopResult::Fail,
                points: vec![LoopPoint { applied: 50.0, read: 48.5 }],
                note: "<i>偏低</i>".to_owned(),
                by: "李工".to_owned(),
                at: UtcTime(0),
            }),
            remarks: "silent".to_owned(),
            ..Loop::default()
        }]
    }

    #[test]
    fn nothing_in_a_cell_is_obeyed() {
        let page = html(&Gateway { name: "</p><b>".into(), ..Gateway::default() }, &odd(), None);
        assert!(
            page.contains(
                "<td>&lt;script&gt;alert(1)&lt;/script&gt;</td><td>=1+1, &quot;a&quot; &amp; &#39;b&#39;</td>"
            )
        );
        assert!(!page.contains("<script") && page.contains("<p>&lt;/p&gt;&lt;b&gt; ·"), "{page}");
        assert!(
            !page.contains("http") && !page.contains("src=") && page.contains("A4 landscape"),
            "it needs nothing else"
        );
        let text = csv(&odd());
        assert!(page.contains("<td>不合格 fail</td><td>&lt;i&gt;偏低&lt;/i&gt;; silent</td>"), "{page}");
        assert!(page.contains("监护 witnessed"), "there is room to sign");
        let row = "<script>alert(1)</script>,\"\t=1+1, \"\"a\"\" & 'b'\",,,,-4,,,,-5,80,,李工,1970-01-01T00:00:00.000Z,\
            不合格 fail,<i>偏低</i>; silent,-50,150,50 → 48.5\r\n";
        assert!(text.starts_with("\u{feff}位号 tag,名称 name,") && text.ends_with(row), "{text}");
    }
}
