package org.tutti.wallet.request;

import org.tutti.bitcoin.units.Sat;
import org.tutti.musig.keys.PublicKey;
import org.tutti.wallet.policy.Allowlist;

import java.util.Set;

/// What one signer joins. What may be taken in 24 hours is a
/// [org.tutti.wallet.policy.DailySpending]'s.
///
/// @param mode who decides on what the rules allow
/// @param types that a request may claim to be; empty for any. A claim says nothing of what the
///   transaction does
/// @param requesters whose requests are looked at; empty for anybody's
/// @param maxAmount the most that one request may take from its keys, fee included
/// @param maxFee the most that one transaction may leave to the miner, whoever pays it
/// @param destinations whom it may pay. Of [Allowlist.Any] as many as it likes: whatever does not
///   come back to the keys is counted
/// @param rawMessages what is done with bare messages
/// @param allowMainnet whether anything is signed on mainnet: this software has had no audit
public record RequestRules(
        Mode mode,
        Set<String> types,
        Set<PublicKey> requesters,
        Sat maxAmount,
        Sat maxFee,
        Allowlist destinations,
        RawMessages rawMessages,
        boolean allowMainnet) {
    /// One bitcoin.
    public static final Sat DEFAULT_MAX_AMOUNT = Sat.of(100_000_000);

    public static final Sat DEFAULT_MAX_FEE = Sat.of(100_000);

    /// A person decides on each; no bare messages, nothing on mainnet.
    public static final RequestRules DEFAULT =
            new RequestRules(
                    Mode.ASK_PERSON,
                    Set.of(),
                    Set.of(),
                    DEFAULT_MAX_AMOUNT,
                    DEFAULT_MAX_FEE,
                    new Allowlist.Any(),
                    RawMessages.REFUSE,
                    false);

    /// Who decides on what the rules allow.
    public enum Mode {
        /// A person, on each request.
        ASK_PERSON,
        /// The rules alone.
        BY_RULES
    }

    /// What is done with bare 32-byte messages. Each could be the signature hash of a transaction
    /// that spends all coins of these keys: no limit holds for it.
    public enum RawMessages {
        REFUSE,
        /// A person decides, whatever the mode.
        ASK_PERSON,
        /// They are signed as the mode says.
        ALLOW
    }

    public RequestRules {
        types = Set.copyOf(types);
        requesters = Set.copyOf(requesters);
    }

    public RequestRules withMode(Mode value) {
        return new RequestRules(
                value,
                types,
                requesters,
                maxAmount,
                maxFee,
                destinations,
                rawMessages,
                allowMainnet);
    }
}
