/// Whether a signer joins a request: the interface that a wallet's rules implement, and a person.
/// Start reading at [org.tutti.coordinator.approval.RequestPolicy].
@NullMarked
package org.tutti.coordinator.approval;

import org.jspecify.annotations.NullMarked;
