package org.tutti.lightclient.broadcast;

/// How far a transaction has come, in peers as they are configured. Each number only grows while
/// the transaction is followed.
///
/// @param announced were told that we have it
/// @param requested asked us for it, and it was sent to them
/// @param accepted have served back what we gave them: it is in their memory pool
/// @param seen have it, and not from us: they announced it before we did, or served it although we
///   never gave it to them
public record Reach(int announced, int requested, int accepted, int seen) {
    /// Whether any peer asked for it or has it.
    public boolean isAnywhere() {
        return requested > 0 || accepted > 0 || seen > 0;
    }
}
