//! What a status of the server means for people.

use std::path::Path;

use opcua::types::{Error, StatusCode};

/// A failure with what to do about it.
pub(super) fn explain(what: &str, status: StatusCode, own_certificate: &Path) -> String {
    let mend = match status.set_info_bits_to_nothing() {
        StatusCode::BadUserAccessDenied | StatusCode::BadIdentityTokenRejected => {
            "the server does not accept the user: see user and password_file, or user_certificate, of the site file"
                .to_owned()
        }
        StatusCode::BadIdentityTokenInvalid => {
            "the server takes no user of this kind: see what it offers".to_owned()
        }
        StatusCode::BadSecurityChecksFailed
        | StatusCode::BadCertificateUntrusted
        | StatusCode::BadCertificateInvalid
        | StatusCode::BadCertificateUriInvalid
        | StatusCode::BadCertificateUseNotAllowed => format!(
            "if the server does not know the agent's certificate yet, accept {} there",
            own_certificate.display()
        ),
        StatusCode::BadTooManySessions => {
            "the server has no session left: end one of another client there".to_owned()
        }
        StatusCode::BadTimeout | StatusCode::BadRequestTimeout => {
            "the server does not answer".to_owned()
        }
        _ => String::new(),
    };
    if mend.is_empty() { format!("{what}: {status}") } else { format!("{what}: {status}; {mend}") }
}

/// The same for an error of the library.
pub(super) fn explain_error(what: &str, error: &Error, own_certificate: &Path) -> String {
    let explained = explain(what, error.status(), own_certificate);
    format!("{explained} ({error})")
}

/// A status without what it says of one sample.
trait Bare {
    fn set_info_bits_to_nothing(self) -> StatusCode;
}

impl Bare for StatusCode {
    fn set_info_bits_to_nothing(self) -> StatusCode {
        StatusCode::from(self.bits() & 0xFFFF_0000)
    }
}
