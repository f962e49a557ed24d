/// What must be on disk before a message leaves (SAFETY 3): one append-only, hash-chained file per
/// node. Spec: docs/protocol.md, "Journal". Start reading at [org.tutti.signing.journal.Journal].
@NullMarked
package org.tutti.signing.journal;

import org.jspecify.annotations.NullMarked;
