//! A look at a Modbus device without a configuration, against pymodbus.

use crate::{
    modbus::{source, write},
    modbus_line::{Way, line},
};
use anyhow::{Result, anyhow};
use davy_config::{ByteOrder, ModbusData, ModbusFraming, ModbusTable};
use davy_field::probe::modbus::{Answer, Identity, identify, number, read, text};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn registers_texts_and_who_a_device_is() -> Result<()> {
    for way in [Way::Serial, Way::RtuOverTcp, Way::DialsIn(ModbusFraming::Tcp)] {
        let (mut line, link) = line("field_modbus_probe", way).await?;
        let pace = source(link.clone(), Vec::new(), 2_000).pace;
        write(&mut line, 1, "holding", 10, &[0x4461, 0x7679, 0x4148, 0]).await?;
        let answer = read(&link, pace, 1, (ModbusTable::Holding, 10), 4).await.map_err(|why| anyhow!(why))?;
        let Answer::Words(words) = answer else { panic!("registers are words") };
        assert_eq!(text(ByteOrder::Abcd, &words[..2]), "Davy");
        assert_eq!(number(ModbusData::F32, ByteOrder::Abcd, &words[2..]), Some(12.5));
        let said = identify(&link, pace, 1).await.map_err(|why| anyhow!(why))?;
        let owned = |word: &str| word.to_owned();
        assert_eq!(said, Identity { vendor: owned("Pymodbus"), product: owned("Line"), revision: owned("3.16") });
        let refused = read(&link, pace, 1, (ModbusTable::Holding, 5_000), 1).await;
        assert!(refused.as_ref().is_err_and(|why| why.starts_with("unit id 1 refuses: ")), "{refused:?}");
        for (address, count) in [(0, 0), (0, 126), (65_535, 2)] {
            let refused = read(&link, pace, 1, (ModbusTable::Holding, address), count).await;
            assert!(refused.is_err_and(|why| why.contains("cannot be read at once")), "{address} {count}");
        }
        assert_eq!(line.ask(json!({"op": "written"})).await?["count"], 0);
    }
    Ok(())
}
