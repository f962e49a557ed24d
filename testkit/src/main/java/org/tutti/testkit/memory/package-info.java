/// A transport that stays in memory: the addresses are `/memory/N`. Start reading at
/// `MemoryNetwork`.
@NullMarked
package org.tutti.testkit.memory;

import org.jspecify.annotations.NullMarked;
