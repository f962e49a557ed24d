/// What carries an engine of publish/subscribe over a host: streams, queues, threads, signatures.
/// Start reading at `PubsubDriver`.
@NullMarked
package org.tutti.libp2p.internal.pubsub.driver;

import org.jspecify.annotations.NullMarked;
