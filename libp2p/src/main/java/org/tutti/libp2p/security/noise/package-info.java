/// Noise XX as libp2p uses it: `Noise_XX_25519_ChaChaPoly_SHA256`.
///
/// Specs: libp2p/specs noise/README.md, connections/inlined-muxer-negotiation.md, and the Noise
/// Protocol Framework, revision 34. Start reading at `NoiseSecurity`; the pure state machine is
/// `HandshakeState` over `SymmetricState` over `CipherState`, the frames after it `FrameReader` and
/// `FrameWriter`.
@NullMarked
package org.tutti.libp2p.security.noise;

import org.jspecify.annotations.NullMarked;
