/// DNS on the wire (RFC 1035), for name servers and for multicast (RFC 6762). Start reading at
/// `DnsMessage`; `DnsClient` asks servers.
@NullMarked
package org.tutti.libp2p.internal.dns;

import org.jspecify.annotations.NullMarked;
