/// The signing protocol of a fixed group: everyone is ready, everyone sends nonces, everyone sends
/// partial signatures, each signer aggregates by itself.
///
/// Packages: `group` (who signs), `request` (what is to be signed), `approval` (who decides),
/// `session` (the pure state machine), `wire` (bytes), `blame` (evidence that others can check),
/// `journal` (what must survive a crash), `service` (threads and streams around the engine). The
/// rules that every change must keep are quoted as "SAFETY n" above the code that obeys them; they
/// are listed in docs/signing-safety.md.
///
/// Start reading at `service.SigningService`, then [org.tutti.signing.session.SessionEngine].
@NullMarked
package org.tutti.signing;

import org.jspecify.annotations.NullMarked;
