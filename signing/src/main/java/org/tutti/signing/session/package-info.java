/// The signing session as a pure state machine: event and time in, actions out; no thread, socket,
/// file or clock. Spec: docs/protocol.md, "Session"; BIP327 (the two rounds). Start reading at
/// [org.tutti.signing.session.SessionEngine].
@NullMarked
package org.tutti.signing.session;

import org.jspecify.annotations.NullMarked;
