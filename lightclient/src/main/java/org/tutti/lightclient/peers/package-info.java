/// Bitcoin peers as the engines see them: where they listen, and what an engine wants done with
/// them.
@NullMarked
package org.tutti.lightclient.peers;

import org.jspecify.annotations.NullMarked;
