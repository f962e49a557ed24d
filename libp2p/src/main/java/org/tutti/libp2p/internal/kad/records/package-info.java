/// What a node of the DHT keeps and decides about records: values and providers that it holds for
/// others, what it learns from the answers of replicas, what has to be put again. Pure: the time
/// comes in (milliseconds since 1970), no I/O, not safe for threads.
///
/// Start reading at [org.tutti.libp2p.internal.kad.records.ValueStore].
@NullMarked
package org.tutti.libp2p.internal.kad.records;

import org.jspecify.annotations.NullMarked;
