//! A row of the point table by itself, before it is in any table: where it would be read.

use super::{Cells, POINT_TABLE, outgoing::quote, whole};
use crate::{
    files::Files,
    finding::{Errors, Sink},
    points::{self, COLUMNS},
    table::{Column, Sheet},
    types::{ModbusItem, ModbusSource},
};

/// What the row reads of a Modbus source, the cells by any header of their column; of the others nothing is looked at.
///
/// # Errors
/// A cell that says where and how it is read and is wrong, by its column.
pub fn modbus_item(cells: &Cells, source: &ModbusSource) -> Result<ModbusItem, Errors> {
    let cell = |column: &Column| {
        let text = cells.iter().find(|(header, _)| column.is_called(header.trim())).map_or("", |(_, text)| text.trim());
        quote(text)
    };
    let header: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
    let row: Vec<String> = COLUMNS.iter().map(cell).collect();
    let table = format!("{}\n{}\n", header.join(","), row.join(","));
    let (files, sink) = (Files([(POINT_TABLE.to_owned(), table.into_bytes())].into()), Sink::default());
    let item = {
        let texts = files.texts(&sink);
        let sheet = Sheet::read(&texts, POINT_TABLE, COLUMNS);
        sheet.rows().next().and_then(|row| points::modbus_item(row, source))
    };
    let errors: Vec<_> = sink.into_findings().0.into_iter().filter(|finding| finding.file == POINT_TABLE).collect();
    match item {
        Some(item) if errors.is_empty() => Ok(item),
        Some(_) | None if !errors.is_empty() => Err(Errors(errors)),
        Some(_) | None => Err(whole(POINT_TABLE, "the row is empty; give it an address".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{ByteOrder, ModbusData, ModbusTable};
    use crate::{SourceConfig, read};

    fn source() -> ModbusSource {
        let gateway = "[gateway]\ngateway_id = \"gw\"\nname = \"g\"\ncompany_code = \"110000001\"\n\n\
            [[source.modbus]]\nid = \"gds\"\nname = \"G\"\naddress = \"127.0.0.1\"\nforbidden = [\"holding/200-209\"]\n";
        let files = Files([("gateway.toml".to_owned(), gateway.as_bytes().to_vec())].into());
        let checked = read(&files, &|_| Err("there is none".to_owned())).expect("a configuration");
        match checked.configuration.sources.into_iter().next() {
            Some(SourceConfig::Modbus(source)) => source,
            other => panic!("{other:?}"),
        }
    }

    fn item(cells: &[(&str, &str)]) -> Result<ModbusItem, String> {
        let cells = cells.iter().map(|(header, text)| ((*header).to_owned(), (*text).to_owned())).collect();
        modbus_item(&cells, &source()).map_err(|errors| errors.to_string())
    }

    #[test]
    fn a_row_is_read_as_the_table_would_be() {
        let read =
            item(&[("地址", "1/40003"), ("data", "f32"), ("字节序", "CDAB"), ("scale", "0.1"), ("offset", "-5")]);
        let read = read.expect("an item");
        assert_eq!((read.unit_id, read.table, read.address), (1, ModbusTable::Holding, 2));
        assert_eq!((read.data, read.order, read.scale, read.offset), (ModbusData::F32, ByteOrder::Cdab, 0.1, -5.0));
    }

    #[test]
    fn what_is_wrong_with_it_is_said_by_column() {
        for (cells, words) in [
            (&[("address", "1/40003")][..], "data: is empty"),
            (&[("address", "x"), ("data", "u16")], "address: \"x\" is not a Modbus address"),
            (&[("address", "1/holding/200"), ("data", "u16")], "forbidden by the source"),
            (&[("address", "1/40003"), ("data", "u16"), ("order", "CDABGHEF")], "order: "),
            (&[], "give it an address"),
        ] {
            let told = item(cells).expect_err(words);
            assert!(told.contains(words), "{cells:?}: {told}");
        }
    }
}
