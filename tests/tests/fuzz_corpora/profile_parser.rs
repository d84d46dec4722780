//! Device profiles: any text is read or refused with the place of each problem; what is read can be planned.

use cellwatch_config::profile;
use cellwatch_core::acquire::plan;

/// Tries one input.
pub(crate) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match profile::parse("p.toml", text) {
        Err(problems) => {
            assert!(!problems.0.is_empty(), "refused for a reason");
            assert!(!problems.to_string().is_empty());
        }
        Ok(profile) => {
            let blocks = plan(&profile.parameters, &profile.modbus);
            let mut served = vec![0; profile.parameters.len()];
            for block in &blocks {
                let most = if block.table.is_bits() {
                    profile.modbus.max_bits
                } else {
                    profile.modbus.max_registers
                };
                let wide =
                    block.parameters.iter().any(|one| profile.parameters[*one].width() > most);
                assert!(block.count <= most || wide, "{block:?}");
                for parameter in &block.parameters {
                    served[*parameter] += 1;
                }
            }
            assert!(served.iter().all(|times| *times == 1), "each parameter is read once");
        }
    }
}
