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
    /// This signer named no policy when it became a member of the group, or has none now.
    NO_POLICY,
    /// This signer's operator does not allow it to sign on mainnet.
    MAINNET_NOT_ALLOWED,
    /// The session ended before this approval did; nobody hears of it.
    SESSION_OVER,
    /// More approvals in a day than this signer remembers.
    TOO_MANY_SESSIONS,
    /// This signer has too many payments that are neither final nor given up to remember another.
    TOO_MANY_PAYMENTS,
    /// The request of strangers is for another chain.
    OTHER_NETWORK,
    /// The request's keys are not in KeySort order, as those of whatever has an address.
    KEYS_NOT_SORTED,
    /// The transaction beside the request is not the one that it names.
    OTHER_PSBT,
    /// What is beside the request is no PSBT.
    MALFORMED_PSBT,
    /// The PSBT does not state what one of its inputs spends.
    MISSING_PREVOUT,
    /// An input spends no output of segwit, so that the transaction's id is not known before all
    /// have signed.
    PREVOUT_NOT_SEGWIT,
    /// The PSBT states another output than this signer's own chain shows.
    PREVOUT_DIFFERS,
    /// A sighash type that leaves something open.
    SIGHASH_TYPE_NOT_ALLOWED,
    /// A message for a key that no output has, or that cannot be derived.
    TWEAK_NOT_ALLOWED,
    /// No input spends a coin of the request's keys.
    NO_INPUT_OF_KEYS,
    /// A bare message, which could be the signature hash of anything.
    RAW_MESSAGE_NOT_ALLOWED,
    /// The request is of a type that this signer's rules do not name.
    TYPE_NOT_ALLOWED,
    /// The request is of somebody whom this signer's rules do not name.
    REQUESTER_NOT_ALLOWED
}
