/// Where a host gets its time from: `Timer`, the system's or `ManualClock`, which a test moves.
@NullMarked
package org.tutti.libp2p.time;

import org.jspecify.annotations.NullMarked;
