/// Keeps peer scores from one run of a host to the next.
@NullMarked
package org.tutti.libp2p.internal.peerscore;

import org.jspecify.annotations.NullMarked;
