/// What libp2p costs between two processes: connections, round trips, bulk data. Start reading at
/// `P2pBench`.
@NullMarked
package org.tutti.benchmarks.p2p;

import org.jspecify.annotations.NullMarked;
