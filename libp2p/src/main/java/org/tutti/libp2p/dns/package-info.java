/// Names in addresses (`/dns`, `/dns4`, `/dns6`, `/dnsaddr`: multiformats/multiaddr,
/// protocols/DNSADDR.md). Start reading at `Resolver`; `DnsResolver` is the one that hosts use
/// unless told otherwise.
@NullMarked
package org.tutti.libp2p.dns;

import org.jspecify.annotations.NullMarked;
