/// Time and threads of a host: timers that a test can hold, deadlines of one length, and virtual
/// threads that are counted so that closing can wait for them.
@NullMarked
package org.tutti.libp2p.time;

import org.jspecify.annotations.NullMarked;
