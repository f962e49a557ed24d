package org.tutti.libp2p.mdns;

import org.tutti.base.Bytes;

/// What the engine wants done.
sealed interface MdnsOutput {
    /// To all on the link.
    record Send(Bytes packet) implements MdnsOutput {}

    /// To whoever listens.
    record Tell(MdnsEvent event) implements MdnsOutput {}
}
