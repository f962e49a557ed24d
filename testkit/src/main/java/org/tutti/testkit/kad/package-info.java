/// A DHT of thousands of nodes on a simulated network: the real Kademlia engine, and attackers.
/// Start at [org.tutti.testkit.kad.KadNetwork]; what is measured there, and under which attack, is
/// in [org.tutti.testkit.kad.KadExperiment].
@NullMarked
package org.tutti.testkit.kad;

import org.jspecify.annotations.NullMarked;
