/// Who is at the other end, and that nobody else reads or writes.
///
/// Spec: libp2p/specs connections/README.md ("Encryption"). Start reading at `SecurityProtocol`,
/// then `noise.NoiseSecurity`.
@NullMarked
package org.tutti.libp2p.security;

import org.jspecify.annotations.NullMarked;
