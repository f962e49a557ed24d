/// Where a host gets its time from: `Timer`, the system's or `ManualClock`, which a test moves; and
/// `Deadlines`, many of one length.
@NullMarked
package org.tutti.libp2p.time;

import org.jspecify.annotations.NullMarked;
