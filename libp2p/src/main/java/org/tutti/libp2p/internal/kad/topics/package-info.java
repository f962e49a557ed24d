/// Who has an entry under a topic: shards of provider entries that are split where they are full
/// (`docs/protocol.md`, "Many entries under one key"). Pure, not safe for threads.
///
/// Start reading at [org.tutti.libp2p.internal.kad.topics.Shard], then
/// [org.tutti.libp2p.internal.kad.topics.TopicListing].
@NullMarked
package org.tutti.libp2p.internal.kad.topics;

import org.jspecify.annotations.NullMarked;
