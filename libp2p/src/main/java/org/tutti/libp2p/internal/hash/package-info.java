/// Hashes that are ours.
@NullMarked
package org.tutti.libp2p.internal.hash;

import org.jspecify.annotations.NullMarked;
