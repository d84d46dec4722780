//! Addresses of people.

/// What an address looks like, for messages.
pub(crate) const E_MAIL: &str = "an address such as oncall@example.org";

/// The shape that a mail server takes without quoting (RFC 5321, §4.1.2, dot-string and domain): whether somebody
/// reads it, only a test message shows.
pub(crate) fn is_e_mail(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let atom = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte);
    let label = |part: &str| {
        !part.is_empty()
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    local.len() <= 64
        && domain.len() <= 255
        && local.split('.').all(|part| !part.is_empty() && part.bytes().all(atom))
        && domain.split('.').all(label)
}
