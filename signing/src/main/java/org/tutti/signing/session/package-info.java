/// The signing session as a pure state machine: inputs and time in, outputs out; no thread, socket,
/// file or clock. Spec: docs/protocol.md, "Course of a session"; BIP327 (the two rounds). Start
/// reading at [org.tutti.signing.session.SessionEngine].
@NullMarked
package org.tutti.signing.session;

import org.jspecify.annotations.NullMarked;
