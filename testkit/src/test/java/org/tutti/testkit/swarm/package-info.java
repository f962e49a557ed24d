/// Hosts against peers that misbehave, over a network in memory.
@NullMarked
package org.tutti.testkit.swarm;

import org.jspecify.annotations.NullMarked;
