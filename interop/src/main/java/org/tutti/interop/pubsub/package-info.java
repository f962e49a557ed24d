/// Publish/subscribe among peers of several implementations: a mesh of processes, in which every
/// message has to reach everybody, and nobody's score of us may fall below zero. What the peers
/// print and are told stands in `interop/PEERS.md`. Start reading at `MixedMesh`.
@NullMarked
package org.tutti.interop.pubsub;

import org.jspecify.annotations.NullMarked;
