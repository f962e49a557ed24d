package org.tutti.node.api;

/// What a running node can be asked about requests: those that it makes, and those that name its
/// key. A request is named by its id, 64 hex digits, or by at least 8 that no other begins with.
///
/// Every method throws an ApiException with the code `NO_REQUESTS` where the configuration has no
/// `[requests]`, and with `NO_SUCH_REQUEST` or `AMBIGUOUS` for an id that names none, or several.
public interface RequestApi {
    /// Makes a request and sends it to whoever can be reached; others get it when they can be, also
    /// while this node is away. Returns when it is on disk.
    ///
    /// @throws ApiException `BAD_REQUEST` for a field that is wrong, `INVALID` if it breaks a limit
    ///   of requests, `BUSY` if there is no room for another
    RequestInfo createRequest(RequestOrder order) throws ApiException;

    /// The requests that are not over, newest first.
    Requests requests() throws ApiException;

    /// One of them.
    RequestInfo request(String id) throws ApiException;

    /// Joins a request that waits for this node's decision.
    ///
    /// @throws ApiException `NOT_WAITING` if it does not
    RequestInfo joinRequest(String id) throws ApiException;

    /// Refuses a request, which ends it for all.
    ///
    /// @param reason one sentence for people; it is sent to the others
    /// @throws ApiException `NOT_WAITING` if it no longer can be refused
    RequestEnded refuseRequest(String id, String reason) throws ApiException;

    /// Takes a request of this node's back.
    ///
    /// @param reason one sentence for people; it is sent to the others
    /// @throws ApiException `NOT_OURS` if another made it
    RequestEnded withdrawRequest(String id, String reason) throws ApiException;

    /// The operator agrees that what this node has signed for a request, or may have, need not be
    /// waited for: what it holds is free. It may still happen. For coins that never come to exist
    /// nothing else ends that.
    ///
    /// @throws ApiException `NOT_WAITING` unless it is signed or may be, and no session is under
    ///   way
    RequestEnded releaseRequest(String id) throws ApiException;

    /// Starts a round of the session of a request that waits for it: only where the configuration
    /// says `step_by_step`.
    ///
    /// @param round 1: this node's public nonces are sent; 2: its partial signatures
    /// @throws ApiException `NOT_WAITING` if no session waits for it
    RequestInfo startRound(String id, int round) throws ApiException;

    /// The sessions of requests that this node takes part in, and those that have ended lately;
    /// newest first.
    Sessions sessions() throws ApiException;

    /// One of them.
    ///
    /// @param id its own or its request's, or at least 8 digits of one
    /// @throws ApiException `NO_SUCH_SESSION`, or `AMBIGUOUS`
    SessionInfo session(String id) throws ApiException;

    /// What happens to requests and their sessions, as the node tells it: each call waits until
    /// there is something, or for the time that is asked for.
    SessionEvents sessionEvents(SessionWatch watch) throws ApiException;
}
