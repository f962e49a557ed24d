/// What must be on disk before a message leaves (SAFETY 3): one file per node, appended to and
/// compacted, with a hash chain for each group. Spec: docs/protocol.md, "Journal". Start reading at
/// [org.tutti.signing.journal.Journal].
@NullMarked
package org.tutti.signing.journal;

import org.jspecify.annotations.NullMarked;
