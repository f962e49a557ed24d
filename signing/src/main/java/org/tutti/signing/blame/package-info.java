/// Evidence that proves a signer's fault to a third party (SAFETY 8, 11). Spec: docs/protocol.md,
/// "Blame". Start reading at [org.tutti.signing.blame.Evidence].
@NullMarked
package org.tutti.signing.blame;

import org.jspecify.annotations.NullMarked;
