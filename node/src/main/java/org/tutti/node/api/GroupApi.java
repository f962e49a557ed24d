package org.tutti.node.api;

import java.util.Optional;

/// What a running node can be asked about its groups: the one that is configured, and those that
/// strangers have formed with it.
///
/// Every method throws an ApiException with the code `NO_GROUP` where there is none.
public interface GroupApi {
    /// The group's address and keys. Waits some seconds for the members that have not agreed on it
    /// yet, each with its signing key: nobody is to pay to an address that some take for another.
    ///
    /// @throws ApiException `NOT_AGREED` if some are still missing or mean another group; the
    ///   message names them
    ///
    ///   Of a group that was formed: an address that nobody has paid to yet, as far as this node
    ///   has read the chain. There is none before all members hold all signatures.
    ///
    /// @param group its name, or the id of its descriptor or proposal, or 8 digits at least that
    ///   one of these begins with; if absent the configured group, or else the only one
    /// @throws ApiException `NO_SUCH_GROUP`, or `AMBIGUOUS` if several are meant
    AddressInfo address(Optional<String> group) throws ApiException;

    /// The address of the configured group, or of the only one.
    default AddressInfo address() throws ApiException {
        return address(Optional.empty());
    }

    /// The payments that the node knows, those that run too: of each group the newest, a bounded
    /// number of all.
    Payments payments() throws ApiException;

    /// One payment.
    ///
    /// @param id its session's id or its transaction's, or at least 8 digits that one of these
    ///   begins with, or the key that this node asked for it with
    /// @throws ApiException `NO_SUCH_PAYMENT`, or `AMBIGUOUS` if several begin so
    NodeStatus.Payment payment(String id) throws ApiException;

    /// Asks the group to sign a payment. Returns when it is signed, which may take minutes;
    /// checking and broadcasting follow by themselves.
    ///
    /// A payment has a key and is made once: asked for again with its key it is joined while it is
    /// being signed, also after a restart, and its result is told once it is signed. Without a key
    /// a payment that equals one that is not confirmed yet is refused, unless `again` is set.
    ///
    /// @throws ApiException if the request is invalid, the wallet cannot pay it, or the group does
    ///   not sign it; `NOT_CONNECTED` at once if a member is missing, naming it and since when;
    ///   `CHAIN_UNKNOWN` if no block has been seen yet; `UNKNOWN_OUTCOME` if it may still be
    ///   signed: the message names session and key, and it must not be repeated without that key
    PaymentResult pay(PayRequest request) throws ApiException;

    /// Asks the group to sign a version of a payment of this node's that pays more to the miner and
    /// takes the place of the earlier ones. Destinations and amounts stay.
    ///
    /// @throws ApiException `NO_SUCH_PAYMENT`; `NOT_OURS` if another member asked for it;
    ///   `ALREADY_CONFIRMED`; `ALREADY_RUNNING`; `CONFLICTED`; `NOTHING_TO_REPLACE`;
    ///   `FEE_RATE_TOO_LOW`; or as [#pay]
    PaymentResult bump(ReplaceRequest request) throws ApiException;

    /// The same with a transaction that pays the group alone, so that the payment is not made. It
    /// is made all the same if a miner has it already: see its state.
    PaymentResult cancel(ReplaceRequest request) throws ApiException;

    /// The operator has looked at the wall clock after it was set, and it is right: limits are
    /// freed by time again.
    ClockAccepted acceptClock() throws ApiException;

    /// The operator agrees that another payment may take a coin of a payment that may still be
    /// signed, and so make it impossible.
    ///
    /// @param session id of the payment's session, 64 hex digits
    /// @throws ApiException `NO_SUCH_SESSION` if no payment of that session is known
    ConflictAllowed allowConflict(String session) throws ApiException;

    /// The operator accepts the new journal of a member that has lost its own, after comparing its
    /// id with what the member's operator says.
    ///
    /// @param peerId of the member
    /// @param journal id of its new journal, 32 hex digits
    /// @throws ApiException `NO_SUCH_MEMBER`, or `NOT_ASKED_FOR` if the member does not ask to go
    ///   on with that journal now
    RecoveryAccepted acceptRecovery(String peerId, String journal) throws ApiException;
}
