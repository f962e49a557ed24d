/// How long reads and writes may wait: what a timeout given as `Duration` means, and one deadline
/// for several reads.
@NullMarked
package org.tutti.libp2p.internal.timeout;

import org.jspecify.annotations.NullMarked;
