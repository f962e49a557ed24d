/// What tests of all modules share: a network in memory, a clock that a hand moves, and scripted
/// peers. Start reading at `memory.MemoryNetwork`.
@NullMarked
package org.tutti.testkit;

import org.jspecify.annotations.NullMarked;
