package org.tutti.wallet.policy;

import org.tutti.bitcoin.script.Script;

import java.util.Set;

/// Whom a payment may pay besides the group itself.
public sealed interface Allowlist {
    /// Anybody, but one at a time: with two strange outputs nobody can tell the payment from stolen
    /// change.
    record Any() implements Allowlist {}

    /// These scripts only, as many of them as one likes.
    ///
    /// @param scripts the scriptPubKeys of the allowed addresses
    record Only(Set<Script> scripts) implements Allowlist {
        public Only {
            scripts = Set.copyOf(scripts);
        }
    }
}
