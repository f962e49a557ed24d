/// What this signer approves: it rebuilds what it signs, and refuses with a code and a reason
/// (SIGNING-SAFETY 14).
///
/// Start reading at [org.tutti.wallet.policy.PaymentApproval].
@NullMarked
package org.tutti.wallet.policy;

import org.jspecify.annotations.NullMarked;
