//! What RTU goes through: a serial port, or a TCP connection to a serial server.

use std::io;
use std::path::Path;

use cellwatch_config::site::{Line, Parity, SerialPort, Transport};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_serial::{DataBits, FlowControl, SerialPortBuilder, SerialPortBuilderExt, StopBits};

/// Bytes in and out.
pub(super) trait Port: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Port for T {}

/// Opens what the line goes through.
///
/// # Errors
/// It cannot be opened: which line and port, what the system says, and what to do.
pub(super) async fn open(line: &Line) -> Result<Box<dyn Port>, String> {
    match &line.transport {
        Transport::Rtu(serial) => open_serial(&line.id, serial),
        Transport::Tcp { address } | Transport::RtuOverTcp { address } => {
            let stream = TcpStream::connect(address)
                .await
                .map_err(|error| format!("line {}: {address}: {error}", line.id))?;
            stream.set_nodelay(true).map_err(|error| format!("line {}: {error}", line.id))?;
            Ok(Box::new(stream))
        }
    }
}

/// How the port is set: eight data bits, as RTU has them, and the rest as the site file says.
fn settings(serial: &SerialPort) -> SerialPortBuilder {
    let SerialPort { port, baud, parity, stop_bits } = serial;
    let parity = match parity {
        Parity::None => tokio_serial::Parity::None,
        Parity::Even => tokio_serial::Parity::Even,
        Parity::Odd => tokio_serial::Parity::Odd,
    };
    tokio_serial::new(port.to_string_lossy(), *baud)
        .data_bits(DataBits::Eight)
        .parity(parity)
        .stop_bits(if *stop_bits == 2 { StopBits::Two } else { StopBits::One })
        .flow_control(FlowControl::None)
}

fn open_serial(line: &str, serial: &SerialPort) -> Result<Box<dyn Port>, String> {
    let SerialPort { port, .. } = serial;
    match settings(serial).open_native_async() {
        Ok(stream) => Ok(Box::new(stream)),
        Err(error) => {
            let mend = mend(&error, port);
            Err(format!("line {line}: port {} cannot be opened: {error}; {mend}", port.display()))
        }
    }
}

fn mend(error: &tokio_serial::Error, port: &Path) -> String {
    // The library tells a refused permission and a missing file by the same kind; the file itself does not.
    let denied = match std::fs::OpenOptions::new().read(true).open(port) {
        Err(cause) => Some(cause.kind()),
        Ok(_) => None,
    };
    let kind = match error.kind() {
        tokio_serial::ErrorKind::Io(kind) => Some(kind),
        tokio_serial::ErrorKind::NoDevice
        | tokio_serial::ErrorKind::InvalidInput
        | tokio_serial::ErrorKind::Unknown => None,
    };
    #[allow(clippy::wildcard_enum_match_arm, reason = "every other kind is told as it is")]
    match denied.or(kind) {
        Some(io::ErrorKind::PermissionDenied) => {
            "add the agent's user to the group dialout (usermod -aG dialout USER) and start it again".to_owned()
        }
        Some(io::ErrorKind::NotFound) => {
            "see that the adapter is plugged in; ls -l /dev/serial/by-id shows what there is".to_owned()
        }
        Some(io::ErrorKind::ResourceBusy) => {
            "another program has it open: fuser -v shows which".to_owned()
        }
        _ => "see that it is a serial port, that it takes this baud rate, parity and stop bits, and that no other program has it open".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_set_as_the_site_file_says() {
        let parities = [
            (Parity::None, tokio_serial::Parity::None),
            (Parity::Even, tokio_serial::Parity::Even),
            (Parity::Odd, tokio_serial::Parity::Odd),
        ];
        let mut cases = 0;
        for (parity, parity_set) in parities {
            for (stop_bits, stop_bits_set) in [(1, StopBits::One), (2, StopBits::Two)] {
                for baud in [1_200, 9_600, 19_200, 115_200] {
                    let port = "/dev/ttyUSB7".into();
                    let serial = SerialPort { port, baud, parity, stop_bits };
                    let expected = tokio_serial::new("/dev/ttyUSB7", baud)
                        .data_bits(DataBits::Eight)
                        .parity(parity_set)
                        .stop_bits(stop_bits_set)
                        .flow_control(FlowControl::None);
                    assert_eq!(settings(&serial), expected, "{serial:?}");
                    cases += 1;
                }
            }
        }
        println!("ports: {cases} settings");
    }
}
