//! The questions that can be asked: the four reads, and who a unit is. There is no way here to ask for anything else.

use crate::modbus::{plan::Block, stream::Line};
use davy_config::{ModbusFraming, ModbusTable};
use std::io::{Error, ErrorKind};
use tokio_modbus::{
    Slave,
    client::{Context, Reader, rtu, tcp},
    prelude::ReadCode,
    slave::SlaveContext,
};

/// What a block of a table holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Of coils and discrete inputs.
    Bits(Vec<bool>),
    /// Of registers.
    Words(Vec<u16>),
}

/// What a unit says of itself: some objects of its identification, and where the next ones begin.
pub(crate) struct Objects {
    pub(crate) found: Vec<(u8, Vec<u8>)>,
    pub(crate) next: Option<u8>,
}

/// The only owner of the library's client, which could write as well.
pub(crate) struct ReadOnly(Context);

impl ReadOnly {
    pub(crate) fn new(line: Line, framing: ModbusFraming) -> Self {
        Self(match framing {
            ModbusFraming::Tcp => tcp::attach(line),
            ModbusFraming::Rtu => rtu::attach(line),
        })
    }

    /// Function codes 1 to 4.
    pub(crate) async fn read(&mut self, block: &Block) -> tokio_modbus::Result<Answer> {
        let Self(context) = self;
        context.set_slave(Slave(block.unit_id));
        let (start, count) = (block.start, block.count);
        let answer = match block.table {
            ModbusTable::Coil => context.read_coils(start, count).await?.map(Answer::Bits),
            ModbusTable::Discrete => context.read_discrete_inputs(start, count).await?.map(Answer::Bits),
            ModbusTable::Holding => context.read_holding_registers(start, count).await?.map(Answer::Words),
            ModbusTable::Input => context.read_input_registers(start, count).await?.map(Answer::Words),
        };
        // The library takes an answer of any length.
        match &answer {
            Ok(found) if found.len() != usize::from(count) => {
                let problem = format!("{} values came where {count} were asked for", found.len());
                Err(Error::new(ErrorKind::InvalidData, problem).into())
            }
            _ => Ok(answer),
        }
    }

    /// Function code 43/14, the basic objects.
    pub(crate) async fn identify(&mut self, unit_id: u8, from: u8) -> tokio_modbus::Result<Objects> {
        let Self(context) = self;
        context.set_slave(Slave(unit_id));
        let answer = context.read_device_identification(ReadCode::Basic, from).await?;
        Ok(answer.map(|answer| Objects {
            next: answer.more_follows.then_some(answer.next_object_id).filter(|next| *next > from),
            found: answer.device_id_objects.into_iter().map(|object| (object.id, object.value.to_vec())).collect(),
        }))
    }
}

impl Answer {
    fn len(&self) -> usize {
        match self {
            Self::Bits(bits) => bits.len(),
            Self::Words(words) => words.len(),
        }
    }
}
