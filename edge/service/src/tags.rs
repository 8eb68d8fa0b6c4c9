//! `davy tags`: the point table to a spreadsheet program and back, and the sheet of a loop check.

mod live;
mod loops;
mod print;
mod sheet;

use crate::{
    cli::{Encoding, HeaderLanguage, LoopCheck, SheetFormat, Tags, TagsAct, TagsExport, TagsFormat, TagsImport},
    clock, gateway, output, replace,
};
use anyhow::{Context, bail};
use davy_config::{
    Files,
    exchange::{self, Format, Header, Others},
};
use std::{
    fs,
    io::{self, IsTerminal as _, Write as _},
    path::Path,
    process::ExitCode,
};

pub(crate) use sheet::{FILE as LOOP_SHEET, Sheet};

/// Does what was asked for; a refused table is `davy_config::Errors`.
pub(crate) fn command(args: &Tags) -> anyhow::Result<ExitCode> {
    match &args.act {
        TagsAct::Export(args) => export(args),
        TagsAct::Import(args) => import(args),
        TagsAct::LoopCheck(args) => loop_check(args),
    }?;
    Ok(ExitCode::SUCCESS)
}

fn export(args: &TagsExport) -> anyhow::Result<()> {
    let format = match (args.format, args.encoding) {
        (TagsFormat::Csv, Encoding::Utf8) => Format::CsvUtf8,
        (TagsFormat::Csv, Encoding::Gbk) => Format::CsvGbk,
        (TagsFormat::Xlsx, Encoding::Utf8) => Format::Xlsx,
        (TagsFormat::Xlsx, Encoding::Gbk) => {
            bail!("a workbook has no other encoding than its own; leave --encoding out")
        }
    };
    let header = header(args.header);
    if args.output.is_none() && format == Format::Xlsx && io::stdout().is_terminal() {
        bail!("a workbook is nothing for a terminal; name a file with -o");
    }
    let files = Files::from_dir(&args.config)?;
    put(&exchange::export(&files, format, header)?, args.output.as_deref())
}

pub(crate) fn header(language: HeaderLanguage) -> Header {
    match language {
        HeaderLanguage::Zh => Header::Chinese,
        HeaderLanguage::En => Header::English,
    }
}

fn import(args: &TagsImport) -> anyhow::Result<()> {
    let files = Files::from_dir(&args.config)?;
    let (name, bytes) = exchange::read_file(&args.file)?;
    let others = if args.merge { Others::Kept } else { Others::Removed };
    let import = exchange::import_into(&args.config, &files, &name, &bytes, others)?;
    for finding in &import.coverage {
        output::line(format_args!("warning: {finding}"));
    }
    output::line(&import.difference);
    if !import.difference.removed.is_empty() {
        output::line("tags that the file does not have are removed; --merge keeps them");
    }
    if import.difference.is_empty() {
        output::line("the tables say the same; nothing to change");
        return Ok(());
    }
    if !args.apply {
        output::line("nothing was changed; add --apply to replace tags.csv");
        return Ok(());
    }
    let old = files.0.get(exchange::POINT_TABLE).map(Vec::as_slice);
    let kept = replace::replace(&args.config.join(exchange::POINT_TABLE), old, &import.bytes, clock::utc())?;
    if let Some(kept) = kept {
        output::line(format_args!("the old table is kept as {}", kept.display()));
    }
    output::line("tags.csv is replaced; the gateway reads it when it starts again, or at once when SIGHUP asks it to");
    Ok(())
}

fn loop_check(args: &LoopCheck) -> anyhow::Result<()> {
    let configuration = davy_config::read_dir(&args.config)?.configuration;
    let mut loops = loops::of(&configuration.site, &configuration.files)?;
    if !args.offline {
        gateway::block_on(async {
            live::fill(&configuration, args.data.as_deref(), &mut loops).await;
            Ok(())
        })?;
    }
    let read_at = (!args.offline).then(clock::utc);
    let text = match args.format {
        SheetFormat::Csv => print::csv(&loops),
        SheetFormat::Html => print::html(&configuration.site.gateway, &loops, read_at),
    };
    put(text.as_bytes(), args.output.as_deref())
}

/// To a file, or to standard output as it is.
pub(crate) fn put(bytes: &[u8], file: Option<&Path>) -> anyhow::Result<()> {
    match file {
        Some(file) => fs::write(file, bytes).with_context(|| format!("write {}", file.display())),
        None => {
            let mut out = io::stdout().lock();
            out.write_all(bytes).and_then(|()| out.flush()).context("write to standard output")
        }
    }
}
