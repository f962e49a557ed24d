package org.tutti.signing.request;

import java.time.Duration;

/// Every bound of this module in one place (SAFETY 20). Each has a test that exceeds it.
///
/// To change some: `SigningLimits.DEFAULT.with(new SigningLimits.Live(4, 4, 1 << 20, 1 << 20))`.
///
/// @param frameBytes largest frame on a stream, envelope included
/// @param nonceSetBytes most bytes that all Nonces envelopes of one attempt may need together, so
///   that a NonceSet message fits a frame
/// @param evidenceFiles most files of one group kept in the evidence folder; beyond it none is
///   written
public record SigningLimits(
        int frameBytes,
        int nonceSetBytes,
        int evidenceFiles,
        Requests requests,
        Attempts attempts,
        Live live,
        Finished finished,
        Held held,
        Queues queues) {
    /// What a node uses.
    public static final SigningLimits DEFAULT =
            new SigningLimits(
                    1 << 20,
                    900 << 10,
                    1_000,
                    new Requests(256, 256 << 10, 64, Duration.ofHours(1), Duration.ofMinutes(1)),
                    new Attempts(16, 16, 256),
                    new Live(256, 128, 2 << 20, 16 << 20),
                    new Finished(1 << 16, 1 << 18, 64),
                    new Held(4_096, 64 << 20, 10_000),
                    new Queues(4 << 20, 4 << 20, 1024, 1 << 16));

    /// Bounds of one request.
    ///
    /// @param messages most messages
    /// @param contextBytes largest context
    /// @param purposeChars longest purpose
    /// @param lifetime longest time from creation to expiry
    /// @param clockSkew how far in the future it may have been created
    public record Requests(
            int messages,
            int contextBytes,
            int purposeChars,
            Duration lifetime,
            Duration clockSkew) {}

    /// Bounds of the attempts of one session.
    ///
    /// @param failed most that may fail because messages are missing, and most restarts of this
    ///   node
    /// @param raisesPerMember how often this node follows one member to a higher attempt
    /// @param leap by how many attempts at a time
    public record Attempts(int failed, int raisesPerMember, int leap) {}

    /// Bounds of the sessions that have not ended.
    ///
    /// @param sessions most at a time on this node
    /// @param sessionsPerRequester most of them that one member asked for
    /// @param requestBytes most bytes that their requests have together, so that all of them can be
    ///   sent again to a member that reconnects; one member's requests take at most half
    /// @param nonceSetBytes most bytes that the nonce sets of others have together that wait for a
    ///   comparison; beyond it they are dropped
    public record Live(
            int sessions, int sessionsPerRequester, int requestBytes, int nonceSetBytes) {}

    /// Bounds of what is remembered of sessions that have ended.
    ///
    /// @param sessions most remembered until their request expires; at most half of them of one
    ///   requester
    /// @param signatures about how many signatures they may have together
    /// @param answers most answers to one member about one of them
    public record Finished(int sessions, int signatures, int answers) {}

    /// Bounds of the holds, which stay until their owner settles them.
    ///
    /// @param sessions most sessions that hold something, ended ones included
    /// @param bytes most bytes that their requests have together; beyond it no other is reserved
    /// @param keysPerRequester most idempotency keys of one member that are taken at a time
    public record Held(int sessions, int bytes, int keysPerRequester) {}

    /// Bounds of what waits.
    ///
    /// @param inboundBytesPerMember most bytes of one member's messages, of all groups, waiting for
    ///   the event loop, each counted as at least 1 KiB; beyond it the member's streams are not
    ///   read
    /// @param outboundBytesPerMember most bytes waiting for one member's stream, for each group
    ///   that it shares with this node; beyond it the stream is reset
    /// @param earlyMessagesPerMember most messages of one member kept for requests that have not
    ///   arrived yet
    /// @param events most events waiting for a listener; beyond it they are dropped and counted
    public record Queues(
            int inboundBytesPerMember,
            int outboundBytesPerMember,
            int earlyMessagesPerMember,
            int events) {}

    public SigningLimits with(Requests value) {
        return new SigningLimits(
                frameBytes,
                nonceSetBytes,
                evidenceFiles,
                value,
                attempts,
                live,
                finished,
                held,
                queues);
    }

    public SigningLimits with(Attempts value) {
        return new SigningLimits(
                frameBytes,
                nonceSetBytes,
                evidenceFiles,
                requests,
                value,
                live,
                finished,
                held,
                queues);
    }

    public SigningLimits with(Live value) {
        return new SigningLimits(
                frameBytes,
                nonceSetBytes,
                evidenceFiles,
                requests,
                attempts,
                value,
                finished,
                held,
                queues);
    }

    public SigningLimits with(Finished value) {
        return new SigningLimits(
                frameBytes,
                nonceSetBytes,
                evidenceFiles,
                requests,
                attempts,
                live,
                value,
                held,
                queues);
    }

    public SigningLimits with(Held value) {
        return new SigningLimits(
                frameBytes,
                nonceSetBytes,
                evidenceFiles,
                requests,
                attempts,
                live,
                finished,
                value,
                queues);
    }

    public SigningLimits with(Queues value) {
        return new SigningLimits(
                frameBytes,
                nonceSetBytes,
                evidenceFiles,
                requests,
                attempts,
                live,
                finished,
                held,
                value);
    }
}
