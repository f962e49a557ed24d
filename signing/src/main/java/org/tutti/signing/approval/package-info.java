/// Who may say yes: the interface that a wallet or a person stands behind (SAFETY 14). Start
/// reading at [org.tutti.signing.approval.Approval].
@NullMarked
package org.tutti.signing.approval;

import org.jspecify.annotations.NullMarked;
