//! The list of hosts: one address on each line, the process with index 0 first.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::path::Path;

/// The processes of a search, and which of them this one is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hosts {
    /// The address on which each process listens.
    pub(crate) addresses: Vec<SocketAddr>,
    /// The index of this process.
    pub(crate) process: usize,
}

impl Hosts {
    /// Reads a list of hosts from a file, for the process with this index. This process may listen on loopback only,
    /// unless it is `exposed`.
    ///
    /// # Errors
    /// What is wrong with the list, and where.
    pub fn read(file: &Path, process: usize, exposed: bool) -> Result<Self, String> {
        let name = file.display();
        let text = std::fs::read_to_string(file).map_err(|error| format!("{name} cannot be read: {error}"))?;
        Self::of(&text, process, exposed).map_err(|error| format!("{name}: {error}"))
    }

    /// Like [`Self::read`], but from the text of such a file. Empty lines, and what follows a `#`, are left out.
    ///
    /// # Errors
    /// What is wrong with the list, and where.
    pub fn of(text: &str, process: usize, exposed: bool) -> Result<Self, String> {
        let (mut addresses, mut seen) = (Vec::new(), BTreeSet::new());
        for (number, line) in (1..).zip(text.lines()) {
            let host = line.split('#').next().unwrap_or_default().trim();
            if host.is_empty() {
                continue;
            }
            let address = address(host).map_err(|error| format!("line {number}: {host:?} {error}"))?;
            if !seen.insert(address) {
                return Err(format!("line {number}: {host} is there twice; each process needs an address of its own"));
            }
            addresses.push(address);
        }
        let count = addresses.len();
        match addresses.get(process) {
            _ if count == 0 => Err("there is no host; give one address a line, such as 127.0.0.1:4100".to_string()),
            None => Err(format!("there is no process {process}: {count} hosts are listed, so give 0 to {}", count - 1)),
            Some(own) if !exposed && !own.ip().is_loopback() => Err(format!(
                "process {process} would listen on {own}, which other machines can reach, and its port has no \
                 authentication: whoever can connect to it can end or falsify the search. Give --expose if you trust \
                 the network"
            )),
            Some(_) => Ok(Self { addresses, process }),
        }
    }
}

fn address(host: &str) -> Result<SocketAddr, String> {
    let wrong = || "is no address with a port, such as 127.0.0.1:4100 or node-1:4100, or is unknown".to_string();
    let mut found = host.to_socket_addrs().map_err(|_| wrong())?;
    let address = found.next().ok_or_else(wrong)?;
    match address {
        _ if address.port() == 0 => Err("has no port of its own: port 0 means any".to_string()),
        SocketAddr::V6(six) if six.ip().is_unspecified() => Err(unspecified()),
        SocketAddr::V4(four) if four.ip().is_unspecified() => Err(unspecified()),
        _ => Ok(SocketAddr::new(canonical(address.ip()), address.port())),
    }
}

fn unspecified() -> String {
    "is no address that others can connect to; give the address of one interface".to_string()
}

/// An IPv4 address that is written as an IPv6 address is the same host.
fn canonical(ip: IpAddr) -> IpAddr {
    ip.to_canonical()
}
