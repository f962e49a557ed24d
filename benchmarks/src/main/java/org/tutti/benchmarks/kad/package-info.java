/// The DHT: what is put and got by nodes of one warm process, and the first look-up of a fresh one;
/// and the same by other programs. Start reading at [org.tutti.benchmarks.kad.KadBench].
@NullMarked
package org.tutti.benchmarks.kad;

import org.jspecify.annotations.NullMarked;
