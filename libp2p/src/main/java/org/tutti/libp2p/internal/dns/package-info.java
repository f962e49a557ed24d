/// DNS on the wire (RFC 1035), for name servers and for multicast (RFC 6762), and what names in
/// addresses stand for. Start reading at `DnsMessage` and `AddressResolver`.
@NullMarked
package org.tutti.libp2p.internal.dns;

import org.jspecify.annotations.NullMarked;
