//! The golden vectors of decoding, read by a decoder in another language that shares nothing with the agent.
//! Req: LAW-01

use std::path::Path;
use std::process::Command;

#[test]
fn a_decoder_in_python_agrees_with_every_vector() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/decode.py");
    let output = Command::new("python3")
        .arg(&script)
        .output()
        .unwrap_or_else(|error| panic!("python3 cannot be run for {}: {error}", script.display()));
    let said = String::from_utf8_lossy(&output.stdout);
    print!("{said}");
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let cases = said.split_whitespace().filter_map(|word| word.parse::<u32>().ok()).next();
    assert!(cases.is_some_and(|cases| cases >= 150), "{said}");
}
