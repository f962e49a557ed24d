/// The signing protocol of a fixed group: everyone is ready, everyone sends nonces, everyone sends
/// partial signatures, each signer aggregates by itself.
///
/// Packages for users of this module: `group` (who signs), `request` (what is to be signed, and the
/// limits), `approval` (who decides), `session` (events and outcomes), `blame` (evidence that
/// others can check), `journal` (what must survive a crash), `service` (threads and streams around
/// the engine). Packages below `internal` are not for other modules: `internal.engine` (the pure
/// state machine), `internal.wire` (messages as bytes).
///
/// The rules that every change must keep are quoted as "SAFETY n" above the code that obeys them;
/// they are listed in docs/signing-safety.md.
///
/// Start reading at `service.SigningService`, then
/// [org.tutti.signing.internal.engine.SessionEngine].
@NullMarked
package org.tutti.signing;

import org.jspecify.annotations.NullMarked;
