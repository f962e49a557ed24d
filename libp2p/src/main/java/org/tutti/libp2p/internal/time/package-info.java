/// Time and threads inside a host: what a timeout given as `Duration` means, one deadline for
/// several reads, and virtual threads that are counted so that closing can wait for them.
@NullMarked
package org.tutti.libp2p.internal.time;

import org.jspecify.annotations.NullMarked;
