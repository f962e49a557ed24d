/// The coordinator of a node: threads, streams, gossip, the DHT and the disk around the engine.
/// Start reading at [org.tutti.coordinator.service.Coordinator].
@NullMarked
package org.tutti.coordinator.service;

import org.jspecify.annotations.NullMarked;
