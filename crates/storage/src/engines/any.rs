//! The choice of the engine at run time, without boxing a call.

use crate::batch::{Batch, Revision};
use crate::engine::{CommitError, Engine, EngineError, Entry, Health, Snapshot, Versioned};
use crate::engines::{Memory, Sled};
use crate::key::{Key, Prefix};

/// The engine that the settings chose.
#[derive(Debug)]
#[non_exhaustive]
pub enum AnyEngine {
    /// In memory, gone with the process.
    Memory(Memory),
    /// In a folder of this machine.
    Sled(Sled),
}

impl AnyEngine {
    /// Answers what it has and takes no more. Blocks.
    pub(crate) fn close(&self) {
        match self {
            Self::Memory(_) => {}
            Self::Sled(engine) => engine.close(),
        }
    }
}

macro_rules! each {
    ($self:ident, $engine:ident => $call:expr) => {
        match $self {
            Self::Memory($engine) => $call,
            Self::Sled($engine) => $call,
        }
    };
}

impl Engine for AnyEngine {
    async fn get(&self, key: &Key) -> Result<Option<Versioned>, EngineError> {
        each!(self, engine => engine.get(key).await)
    }

    async fn scan(
        &self,
        prefix: &Prefix,
        cursor: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<Entry>, EngineError> {
        each!(self, engine => engine.scan(prefix, cursor, limit).await)
    }

    async fn commit(&self, batch: Batch) -> Result<Revision, CommitError> {
        each!(self, engine => engine.commit(batch).await)
    }

    async fn snapshot(&self) -> Result<Snapshot, EngineError> {
        each!(self, engine => engine.snapshot().await)
    }

    fn health(&self) -> Health {
        each!(self, engine => engine.health())
    }
}
