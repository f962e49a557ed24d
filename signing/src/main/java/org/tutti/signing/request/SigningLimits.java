package org.tutti.signing.request;

import java.time.Duration;

/// Every bound of this module in one place (SAFETY 20). Each has a test that exceeds it.
///
/// @param frameBytes largest frame on a stream, envelope included
/// @param messages most messages in one request
/// @param contextBytes largest context of a request
/// @param purposeChars longest purpose
/// @param nonceSetBytes most bytes that all Nonces envelopes of one attempt may need together, so
///   that a NonceSet message fits a frame
/// @param attempts most attempts of one session that may fail because messages are missing, and
///   most restarts of this node in one session
/// @param raisesPerMember how often this node follows one member to a higher attempt of one session
/// @param attemptLeap by how many attempts at a time
/// @param liveSessions most sessions at a time on this node
/// @param liveSessionsPerRequester most of them that one member asked for
/// @param liveRequestBytes most bytes that the requests of live sessions have together, so that all
///   of them can be sent again to a member that reconnects; one member's requests take at most half
/// @param earlyMessagesPerMember most messages of one member kept for requests that have not
///   arrived yet
/// @param finishedSessions most finished sessions remembered until their request expires; at most
///   half of them of one requester
/// @param finishedSignatures about how many signatures they may have together
/// @param finishedAnswers most answers to one member about one finished session
/// @param lifetime longest time from creation to expiry of a request
/// @param clockSkew how far in the future a request may have been created
/// @param inboundBytesPerMember most bytes of one member's messages waiting for the event loop,
///   each counted as at least 1 KiB; beyond it the member's streams are not read
/// @param outboundBytesPerMember most bytes waiting for one member's stream; beyond it the stream
///   is reset
/// @param evidenceFiles most files kept in the evidence folder; beyond it none is written
/// @param eventQueue most events waiting for a listener; beyond it they are dropped and counted
public record SigningLimits(
        int frameBytes,
        int messages,
        int contextBytes,
        int purposeChars,
        int nonceSetBytes,
        int attempts,
        int raisesPerMember,
        int attemptLeap,
        int liveSessions,
        int liveSessionsPerRequester,
        int liveRequestBytes,
        int earlyMessagesPerMember,
        int finishedSessions,
        int finishedSignatures,
        int finishedAnswers,
        Duration lifetime,
        Duration clockSkew,
        int inboundBytesPerMember,
        int outboundBytesPerMember,
        int eventQueue,
        int evidenceFiles) {
    /// What a node uses.
    public static final SigningLimits DEFAULT =
            new SigningLimits(
                    1 << 20,
                    256,
                    256 << 10,
                    64,
                    900 << 10,
                    16,
                    16,
                    256,
                    256,
                    128,
                    2 << 20,
                    1024,
                    1 << 16,
                    1 << 18,
                    64,
                    Duration.ofHours(1),
                    Duration.ofMinutes(1),
                    4 << 20,
                    4 << 20,
                    1 << 16,
                    1_000);
}
