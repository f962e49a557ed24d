/// Evidence: what proves a signer's fault to someone who was not there (SAFETY 8, 11). Spec:
/// docs/protocol.md, "Evidence". Start reading at [org.tutti.signing.blame.Evidence].
@NullMarked
package org.tutti.signing.blame;

import org.jspecify.annotations.NullMarked;
