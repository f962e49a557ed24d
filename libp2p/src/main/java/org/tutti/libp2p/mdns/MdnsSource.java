package org.tutti.libp2p.mdns;

import java.net.InetAddress;

/// Where a packet came from.
///
/// @param ours whether it is an address of this machine
record MdnsSource(InetAddress address, boolean ours) {}
