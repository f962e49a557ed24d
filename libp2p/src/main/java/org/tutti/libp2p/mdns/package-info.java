/// Finding peers on the local network by multicast DNS (libp2p/specs discovery/mdns.md, RFC 6762).
/// It tells everybody on the network who is here, so nothing starts it unless asked.
///
/// Start reading at `MdnsBehaviour`, or at `Mdns`, the driver that it uses and that serves alone;
/// `MdnsEngine` has the rules, `MdnsMessages` the bytes.
@NullMarked
package org.tutti.libp2p.mdns;

import org.jspecify.annotations.NullMarked;
