package org.tutti.wallet.policy;

/// Why a request is refused: the words that travel to the requester, for programs.
public enum RefusalCode {
    /// The request's purpose is not a payment, and this signer signs nothing else.
    PURPOSE_NOT_ALLOWED,
    /// The request names other keys than this wallet's.
    OTHER_GROUP,
    /// The context is not an unsigned transaction in the one form that is accepted.
    MALFORMED_TRANSACTION,
    /// More bytes or weight than nodes relay.
    TRANSACTION_TOO_LARGE,
    /// More inputs than one session takes.
    TOO_MANY_INPUTS,
    /// Two inputs spend the same coin.
    DUPLICATE_INPUT,
    /// It is not final in the next block: a lock time or a relative lock.
    NOT_FINAL,
    /// An input spends what this signer's own chain does not show as a coin of the group.
    UNKNOWN_PREVOUT,
    /// An input spends a coin that a block has spent already.
    ALREADY_SPENT,
    /// An input spends a coinbase that is not 100 blocks deep.
    IMMATURE,
    /// The outputs pay more than the inputs bring.
    OUTPUTS_EXCEED_INPUTS,
    /// An output too small for nodes to relay.
    DUST_OUTPUT,
    /// More goes to others than the policy allows.
    AMOUNT_ABOVE_LIMIT,
    /// With what was approved in the last 24 hours more would leave the group than the policy
    /// allows.
    AMOUNT_ABOVE_DAY_LIMIT,
    /// The miner gets more than the policy allows.
    FEE_ABOVE_LIMIT,
    /// The miner gets less than nodes relay: the coins would be locked for nothing.
    FEE_BELOW_RELAY,
    /// An output pays somebody whom the policy does not name.
    DESTINATION_NOT_ALLOWED,
    /// An output beside the payment pays a stranger where the change should come back to the group.
    CHANGE_NOT_OURS,
    /// The messages to sign are not the signature hashes of the transaction.
    SIGHASH_MISMATCH,
    /// This signer's operator does not allow it to sign on mainnet.
    MAINNET_NOT_ALLOWED,
    /// The session ended before this approval did; nobody hears of it.
    SESSION_OVER,
    /// More approvals in a day than this signer remembers.
    TOO_MANY_SESSIONS,
    /// This signer has too many payments that are neither final nor given up to remember another.
    TOO_MANY_PAYMENTS
}
