/// TCP over IPv4 and IPv6, by address or by name: `/ip4|ip6|dns4|dns6|dns/…/tcp/…`.
///
/// Spec: libp2p/specs connections/README.md, addressing/README.md ("libp2p over TCP"). Start
/// reading at `TcpTransport`.
@NullMarked
package org.tutti.libp2p.transport.tcp;

import org.jspecify.annotations.NullMarked;
