//! How an OPC UA server is reached.

use std::path::PathBuf;

/// `[[opcua]]`: an OPC UA server; each device that names it has a session of its own there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpcUaServer {
    /// Id, unique in the site.
    pub id: String,
    /// `opc.tcp://host:port`, with a path or without.
    pub endpoint: String,
    /// How messages are protected.
    pub security: OpcUaSecurity,
    /// Who the session is for.
    pub identity: OpcUaIdentity,
    /// Folder of the certificates of servers that are trusted; `opcua/trusted` in the data folder by default.
    pub trust_dir: Option<PathBuf>,
    /// Publishing interval that is asked for, milliseconds, 50 to 60 000.
    pub publishing_ms: u64,
    /// Sampling interval that is asked for, milliseconds, 10 to 60 000; each parameter's own period by default.
    pub sampling_ms: Option<u64>,
    /// Values of an item that the server keeps between two publishes, 2 to 1000.
    pub queue_size: u32,
    /// Everything is read this often besides, milliseconds, 1000 to 600 000.
    pub check_ms: u64,
}

/// How messages are protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpcUaSecurity {
    /// Not at all: whoever is in the network can read and forge them.
    None,
    /// Signed and encrypted by this policy.
    SignAndEncrypt(OpcUaPolicy),
}

/// Security policies that are not deprecated (OPC 10000-7 §6.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpcUaPolicy {
    /// `http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256`.
    Basic256Sha256,
    /// `http://opcfoundation.org/UA/SecurityPolicy#Aes128_Sha256_RsaOaep`.
    Aes128Sha256RsaOaep,
    /// `http://opcfoundation.org/UA/SecurityPolicy#Aes256_Sha256_RsaPss`.
    Aes256Sha256RsaPss,
}

/// Who the session is for: a user that may read only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpcUaIdentity {
    /// Nobody in particular.
    Anonymous,
    /// A name with a password.
    UserName {
        /// The name.
        user: String,
        /// File with the password, readable by the agent's user only.
        password_file: PathBuf,
    },
    /// A certificate.
    Certificate {
        /// PEM or DER file.
        certificate: PathBuf,
        /// PEM file of its private key.
        private_key: PathBuf,
    },
}
