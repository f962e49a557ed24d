/// The signing sessions of one node as a pure state machine: inputs and time in, outputs out; no
/// thread, socket, file or clock. Spec: docs/protocol.md, "Course of a session"; BIP327 (the two
/// rounds). Start reading at [org.tutti.signing.internal.engine.SessionEngine].
@NullMarked
package org.tutti.signing.internal.engine;

import org.jspecify.annotations.NullMarked;
