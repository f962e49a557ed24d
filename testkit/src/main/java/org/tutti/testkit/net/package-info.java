/// A network of thousands of nodes in one thread: virtual time, delays as between continents, no
/// sockets. One seed gives one run. Start at [org.tutti.testkit.net.SimulatedNetwork].
@NullMarked
package org.tutti.testkit.net;

import org.jspecify.annotations.NullMarked;
