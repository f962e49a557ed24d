/// A transport that stays in memory: the addresses are `/memory/N`. Start reading at
/// `MemoryNetwork`.
@NullMarked
package org.tutti.libp2p.transport.memory;

import org.jspecify.annotations.NullMarked;
