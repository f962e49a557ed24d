/// Approving requests: the interface that a wallet's policy implements (SAFETY 14). Start reading
/// at [org.tutti.signing.approval.Approval].
@NullMarked
package org.tutti.signing.approval;

import org.jspecify.annotations.NullMarked;
