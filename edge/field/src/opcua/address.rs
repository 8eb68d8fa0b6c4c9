//! From a configured address to a node of the server at hand. Pure.
//!
//! The index of a namespace is the server's own and may change when it starts again (OPC 10000-3, 8.2.2); its URI stays.
//! So an address with a URI is resolved against the NamespaceArray of each session anew.

use opcua::types::NodeId;
use std::str::FromStr;

/// An address that leads to no node here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unresolved {
    /// The text is no node id.
    Malformed,
    /// The server has no such namespace.
    NamespaceUnknown,
}

/// The node of an address, `nsu=<URI>;s=…` or `ns=<index>;s=…`, where `namespaces` is the server's NamespaceArray.
pub(crate) fn resolve(address: &str, namespaces: &[String]) -> Result<NodeId, Unresolved> {
    let Some((uri, identifier)) = by_uri(address) else {
        return NodeId::from_str(address).map_err(|_| Unresolved::Malformed);
    };
    let index = namespaces.iter().position(|namespace| *namespace == uri).ok_or(Unresolved::NamespaceUnknown)?;
    NodeId::from_str(&format!("ns={index};{identifier}")).map_err(|_| Unresolved::Malformed)
}

/// The index of the namespace, of an address that has one.
pub(crate) fn index(address: &str) -> Option<usize> {
    address.strip_prefix("ns=")?.split_once(';')?.0.parse().ok()
}

/// A node as an address that survives a restart of the server; by its index where the namespace is not known.
pub(crate) fn address_of(node: &NodeId, namespaces: &[String]) -> String {
    let text = node.to_string();
    let (Some(uri), Some((_, identifier))) = (namespaces.get(usize::from(node.namespace)), text.split_once(';')) else {
        return text;
    };
    format!("nsu={};{identifier}", uri.replace('%', "%25").replace(';', "%3B"))
}

/// The URI of an address and what follows it.
fn by_uri(address: &str) -> Option<(String, &str)> {
    let (uri, identifier) = address.strip_prefix("nsu=")?.split_once(';')?;
    Some((uri.replace("%3B", ";").replace("%25", "%"), identifier))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn namespaces() -> Vec<String> {
        ["http://opcfoundation.org/UA/", "urn:server", "urn:plant;a%"].map(str::to_owned).to_vec()
    }

    #[test]
    fn a_uri_leads_to_the_index_that_the_server_gives_it() {
        for (address, node) in [
            ("nsu=urn:plant%3Ba%25;s=LI-1", Ok("ns=2;s=LI-1")),
            ("nsu=urn:server;i=7", Ok("ns=1;i=7")),
            ("nsu=http://opcfoundation.org/UA/;i=2258", Ok("i=2258")),
            ("ns=5;s=a;b=c", Ok("ns=5;s=a;b=c")),
            ("nsu=urn:elsewhere;s=LI-1", Err(Unresolved::NamespaceUnknown)),
            ("nsu=urn:server;x=1", Err(Unresolved::Malformed)),
            ("nonsense", Err(Unresolved::Malformed)),
        ] {
            let expected = node.map(|node| NodeId::from_str(node).unwrap());
            assert_eq!(resolve(address, &namespaces()), expected, "{address}");
        }
        let mut moved = namespaces();
        moved.swap(1, 2);
        assert_eq!(resolve("nsu=urn:server;i=7", &moved), Ok(NodeId::new(2, 7u32)));
    }

    #[test]
    fn an_address_by_uri_leads_back_to_its_node() {
        for node in ["ns=2;s=LI-1", "i=85", "ns=1;g=72962b91-fa75-4ae6-8d28-b404dc7daf63"] {
            let node = NodeId::from_str(node).unwrap();
            assert_eq!(resolve(&address_of(&node, &namespaces()), &namespaces()), Ok(node));
        }
        assert_eq!(address_of(&NodeId::new(9, "x"), &namespaces()), "ns=9;s=x");
    }
}
