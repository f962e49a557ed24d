/// What the client knows of Bitcoin peers and asks of them: where they listen, how long to wait
/// before the next try, how much they may send unasked.
@NullMarked
package org.tutti.lightclient.peers;

import org.jspecify.annotations.NullMarked;
