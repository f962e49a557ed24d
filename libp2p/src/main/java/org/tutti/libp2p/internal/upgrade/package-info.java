/// The upgrade of a connection: from a raw connection through a security protocol and a muxer to
/// one that carries streams, and the negotiations on the way. Meant for the swarm, of which this
/// package knows nothing.
///
/// Spec: libp2p/specs connections/README.md ("Upgrading connections"). Start reading at
/// `ConnectionUpgrader`.
@NullMarked
package org.tutti.libp2p.internal.upgrade;

import org.jspecify.annotations.NullMarked;
