//! Expressions, what is told about wrong ones, and that no text makes the reader panic.

use super::*;
use proptest::{collection::vec, prelude::*, sample};

/// A text, and how it is written back.
#[track_caller]
fn check(rows: &[(&str, &str)]) {
    for (text, printed) in rows {
        let expression = parse(text).unwrap_or_else(|mistake| panic!("{text}: {mistake:?}"));
        assert_eq!(expression.to_string(), *printed, "{text}");
    }
}

#[test]
fn what_binds_how() {
    check(&[
        ("GT-2101.H and people(Z-21) >= 3", "GT-2101.H and people(Z-21) >= 3"),
        ("a or b and c", "a or b and c"),
        ("(a or b) and c", "(a or b) and c"),
        ("not P-1101 and LI-1101 > 80 for 30 s", "not P-1101 and LI-1101 > 80 for 30 s"),
        ("not P-1 for 30 s", "not P-1 for 30 s"),
        ("not (P-1 for 30s)", "not (P-1 for 30 s)"),
        ("(a and b) for 1min", "(a and b) for 1 min"),
        ("a for 10 s for 20 s", "a for 10 s for 20 s"),
        ("TI-1101.rate within 5 min of LI-1101.HH", "TI-1101.rate within 5 min of LI-1101.HH"),
        ("a within 5 min of (b for 9 s)", "a within 5 min of (b for 9 s)"),
        ("count(XV-1101.mismatch, 10 min) >= 3", "count(XV-1101.mismatch, 10 min) >= 3"),
        ("abs(LI-1101 - LI-1101B) > 3", "abs(LI-1101 - LI-1101B) > 3"),
        ("(PI-1 + PI-2) / 2 > 1.6", "(PI-1 + PI-2) / 2 > 1.6"),
        ("a - (b - c) > -d * 2", "a - (b - c) > -d * 2"),
        ("a - b - c >= 0", "a - b - c >= 0"),
        ("quality(LI-1101) bad or quality(x) good", "quality(LI-1101) bad or not quality(x) bad"),
        ("avg(a, b, min(c, 3)) == max(1, 2)", "avg(a, b, min(c, 3)) == max(1, 2)"),
        ("2 of (GT-2101.H, GT-2102.H, GT-2103.H)", "2 of (GT-2101.H, GT-2102.H, GT-2103.H)"),
    ]);
}

#[test]
fn other_ways_to_write_it() {
    check(&[
        ("2oo3(a, b, c)", "2 of (a, b, c)"),
        ("A AND NOT B Or C", "A and not B or C"),
        ("A 且 非 B 或 C 持续 30秒", "A and not B or C for 30 s"),
        ("2 取（A，B，C）", "2 of (A, B, C)"),
        ("人数（罐区）≥3", "people(罐区) >= 3"),
        ("A 相隔 5分钟 于 B", "A within 5 min of B"),
        ("质量(LI-1) 坏 并且 次数(x, 10 分) ≥ 3", "quality(LI-1) bad and count(x, 10 min) >= 3"),
        ("1#泵.运行 = 0", "1#泵.运行 == 0"),
        ("[1101/LI 2] > 1e3", "[1101/LI 2] > 1000"),
        ("[and] and [people]", "[and] and [people]"),
        ("1101-LI > 5", "1101-LI > 5"),
        ("LI-1 -5 > 0", "LI-1 - 5 > 0"),
        ("a\n  and b", "a and b"),
    ]);
}

/// A text, the column at which the mistake stands, and the beginning of what is said.
#[track_caller]
fn wrong(rows: &[(&str, usize, &str)]) {
    for (text, at, said) in rows {
        let mistake = parse(text).unwrap_err();
        assert!(mistake.what.starts_with(said), "{text}: {}", mistake.what);
        assert_eq!(text[..mistake.span.start].chars().count() + 1, *at, "{text}: {}", mistake.what);
    }
}

#[test]
fn what_is_told_about_wrong_ones() {
    wrong(&[
        ("", 1, "the expression ends too early"),
        ("a and", 6, "the expression ends too early"),
        ("a and and b", 7, "\"and\" is not expected here; write a tag"),
        ("a b", 3, "\"b\" is not expected here; and, or, for"),
        ("(a and b", 9, "the expression ends too early; the parenthesis is not closed"),
        ("a)", 2, ") is not expected here"),
        ("a for 30", 9, "the duration has no unit"),
        ("a for 30 days", 10, "the duration has no unit"),
        ("a for b", 7, "a duration is missing"),
        ("a for 0 s", 7, "0s is out of range"),
        ("a for 25 h", 7, "25h is out of range"),
        ("a for 1.5 s", 7, "a duration is missing"),
        ("a within 5 min b", 16, "\"b\" is not expected here; write of"),
        ("count(a)", 8, ") is not expected here; write a comma"),
        ("quality(LI-1) > 3", 15, "> is not expected here; write bad or good"),
        ("people(3) > 2", 8, "3 is not a name"),
        ("sum(a, b) > 2", 1, "\"sum\" is not a function; the functions are people"),
        ("abs(a, b) > 1", 1, "abs takes one number"),
        ("1 < a < 3", 7, "two values are compared at a time"),
        ("2 of ()", 7, "the list is empty"),
        ("1.5 of (a, b)", 1, "so many of them must be a whole number"),
        ("a & b", 3, "'&': write and"),
        ("液位 高 or b", 4, "\"高\" is not expected"),
        ("液位 且 !b", 6, "'!': write not"),
        ("[LI 1 > 3", 1, "'[': a name in square brackets ends with ]"),
        ("a and 'b'", 7, "'\\'': this character"),
    ]);
    let deep = format!("{}a{}", "(".repeat(50), ")".repeat(50));
    wrong(&[(&deep, limits_nesting() + 1, "the expression is nested deeper")]);
    let long = vec!["a"; 500].join(" or ");
    assert!(parse(&long).unwrap_err().what.starts_with("the expression has more than"));
    assert!(parse(&"not ".repeat(100)).unwrap_err().what.starts_with("the expression is nested deeper"));
}

fn limits_nesting() -> usize {
    crate::limits::EXPRESSION_NESTING_MAX
}

fn name() -> impl Strategy<Value = String> {
    sample::select(vec!["LI-1101", "GT-2101.H", "1#泵", "1101/LI 2", "and", "people", "2oo3", "30s", "a.b-c_d", "罐区"])
        .prop_map(str::to_owned)
}

fn part(kind: Kind) -> Expression {
    Expression { span: 0..0, kind }
}

fn numbers() -> impl Strategy<Value = Expression> {
    let name_of = |text| Name { span: 0..0, text };
    let leaf = prop_oneof![
        (0.0..1e6).prop_map(|number| part(Kind::Number(number))),
        name().prop_map(|name| part(Kind::Name(name))),
        name().prop_map(move |text| part(Kind::People(name_of(text)))),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let operation = sample::select(vec![Arithmetic::Plus, Arithmetic::Minus, Arithmetic::Times, Arithmetic::Over]);
        prop_oneof![
            inner.clone().prop_map(|of| part(Kind::Negative(Box::new(of)))),
            inner.clone().prop_map(|of| part(Kind::Absolute(Box::new(of)))),
            (operation, inner.clone(), inner.clone()).prop_map(|(operation, a, b)| part(Kind::Arithmetic(
                operation,
                Box::new(a),
                Box::new(b)
            ))),
            vec(inner.clone(), 1..4).prop_map(|of| part(Kind::Average(of))),
            vec(inner, 1..4).prop_map(|of| part(Kind::Extreme(Arithmetic::Least, of))),
        ]
    })
}

fn truths() -> impl Strategy<Value = Expression> {
    let duration = || sample::select(vec![100, 30_000, 90_000, 86_400_000]).prop_map(|ms| Duration { span: 0..0, ms });
    let compared = (sample::select(vec![Comparison::AtLeast, Comparison::Differs]), numbers(), numbers())
        .prop_map(|(comparison, a, b)| part(Kind::Compare(comparison, Box::new(a), Box::new(b))));
    let leaf = prop_oneof![
        name().prop_map(|name| part(Kind::Name(name))),
        name().prop_map(|text| part(Kind::Bad(Name { span: 0..0, text }))),
        (name(), vec(name(), 0..3)).prop_map(|(table, zones)| {
            let name = |text| Name { span: 0..0, text };
            part(Kind::AnyRule(name(table), zones.into_iter().map(name).collect()))
        }),
        compared,
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            inner.clone().prop_map(|of| part(Kind::Not(Box::new(of)))),
            vec(inner.clone(), 2..4).prop_map(|of| part(Kind::All(of))),
            vec(inner.clone(), 2..4).prop_map(|of| part(Kind::Any(of))),
            (1..4_u64, vec(inner.clone(), 1..4)).prop_map(|(needed, of)| part(Kind::Vote { needed, total: None, of })),
            (inner.clone(), duration()).prop_map(|(of, duration)| part(Kind::For(Box::new(of), duration))),
            (inner.clone(), duration(), inner.clone()).prop_map(|(a, duration, b)| part(Kind::Within(
                Box::new(a),
                duration,
                Box::new(b)
            ))),
            (inner, duration()).prop_map(|(of, duration)| part(Kind::Compare(
                Comparison::AtLeast,
                Box::new(part(Kind::Count(Box::new(of), duration))),
                Box::new(part(Kind::Number(3.0))),
            ))),
        ]
    })
}

/// The tree without its places.
fn shape(expression: &Expression) -> String {
    let debug = format!("{:?}", expression.kind);
    let mut shape = String::new();
    let mut rest = debug.as_str();
    while let Some((before, after)) = rest.split_once("span: ") {
        shape.push_str(before);
        rest = after.split_once(',').map_or("", |(_, after)| after);
    }
    shape + rest
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_reads_back_as_the_same(expression in truths()) {
        let printed = expression.to_string();
        match parse(&printed) {
            Ok(read) => prop_assert_eq!(shape(&read), shape(&expression), "{}", printed),
            Err(mistake) => prop_assert!(mistake.what.contains("nested deeper") || mistake.what.contains("more than"), "{}: {:?}", printed, mistake),
        }
    }

    #[test]
    fn any_text_ends_with_a_tree_or_a_mistake_within_it(text in "\\PC{0,80}") {
        if let Err(mistake) = parse(&text) {
            prop_assert!(text.get(mistake.span.clone()).is_some(), "{:?}", mistake);
        }
    }

    #[test]
    fn any_row_of_words_does(words in vec(sample::select(vec![
        "a", "LI-1", "80", "30", "s", "and", "or", "not", "for", "within", "of", "(", ")", ",", ">", "-", "+", "*",
        "people(", "count(", "quality(", "bad", "2oo3(", "[x y]", "[", "且", "1e999", "，", "0", "\u{0}",
    ]), 0..40)) {
        let text = words.join(" ");
        if let Err(mistake) = parse(&text) {
            prop_assert!(text.get(mistake.span.clone()).is_some(), "{:?}", mistake);
        }
    }
}
