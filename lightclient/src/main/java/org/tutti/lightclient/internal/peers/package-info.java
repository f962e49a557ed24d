/// What the sync engine's parts say to peers.
@NullMarked
package org.tutti.lightclient.internal.peers;

import org.jspecify.annotations.NullMarked;
