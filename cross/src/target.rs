//! What gateways run on.

use clap::ValueEnum;

/// A target: its name for the compiler, and what is agreed on for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Target {
    /// 64-bit ARM, as on most gateways since 2016: Cortex-A53 and later.
    #[value(name = "aarch64-unknown-linux-gnu")]
    Aarch64,
    /// 32-bit ARM with hardware floating point: Cortex-A7, -A8, -A9, and 32-bit systems on later ones.
    #[value(name = "armv7-unknown-linux-gnueabihf")]
    Armv7,
    /// PCs.
    #[value(name = "x86_64-unknown-linux-gnu")]
    X86_64,
}

/// The C library that the binaries ask for: that of Debian 10, so that a gateway may be as old as 2019.
pub(crate) const GLIBC: &str = "2.28";

impl Target {
    /// Those that the machine at hand runs under QEMU.
    pub(crate) const EMULATED: [Self; 2] = [Self::Aarch64, Self::Armv7];

    /// The compiler's name of it.
    pub(crate) fn triple(self) -> &'static str {
        match self {
            Self::Aarch64 => "aarch64-unknown-linux-gnu",
            Self::Armv7 => "armv7-unknown-linux-gnueabihf",
            Self::X86_64 => "x86_64-unknown-linux-gnu",
        }
    }

    /// The triple as it stands in names of environment variables, in capital letters.
    pub(crate) fn variable(self) -> String {
        self.triple().replace('-', "_").to_uppercase()
    }

    /// The binary of the appliance, in bytes. It shares a small flash with journal and history, and updates travel over slow links.
    pub(crate) fn appliance_bytes_max(self) -> u64 {
        match self {
            Self::Aarch64 | Self::X86_64 => 32 << 20,
            Self::Armv7 => 28 << 20,
        }
    }

    /// What runs its binaries here: the emulator, and the folder of its C library.
    pub(crate) fn emulator(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Aarch64 => Some(("qemu-aarch64", "/usr/aarch64-linux-gnu")),
            Self::Armv7 => Some(("qemu-arm", "/usr/arm-linux-gnueabihf")),
            Self::X86_64 => None,
        }
    }
}
