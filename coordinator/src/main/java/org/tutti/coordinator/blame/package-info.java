/// Evidence: what proves a signer's fault to someone who was not there (SAFETY 8, 11). Spec:
/// docs/protocol.md, "Evidence". Start reading at [org.tutti.coordinator.blame.Evidence].
@NullMarked
package org.tutti.coordinator.blame;

import org.jspecify.annotations.NullMarked;
