package org.tutti.libp2p.dns;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.util.List;

/// Looks names up. Calls block, from many threads at once; a name that does not exist, or has
/// nothing of the kind, gives an empty list.
public interface Resolver {
    /// The A records of a name.
    ///
    /// @throws IOException if nobody answered
    List<Inet4Address> ip4(String name) throws IOException;

    /// The AAAA records of a name.
    ///
    /// @throws IOException if nobody answered
    List<Inet6Address> ip6(String name) throws IOException;

    /// The TXT records of a name, the character strings of each joined.
    ///
    /// @throws IOException if nobody answered
    List<String> txt(String name) throws IOException;
}
