/// `./tutti demo`: a whole payment with separate processes on loopback. The driver starts
/// processes, passes public configuration, tells the Bitcoin peer to mine and reads events; it
/// holds no key, signs nothing, relays nothing. Start reading at [org.tutti.app.demo.Demo].
@NullMarked
package org.tutti.app.demo;

import org.jspecify.annotations.NullMarked;
