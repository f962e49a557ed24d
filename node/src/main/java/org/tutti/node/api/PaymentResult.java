package org.tutti.node.api;

/// A payment that the group has signed.
///
/// @param session id of the signing session, 64 hex digits
/// @param txid as Bitcoin writes it, reversed hex
/// @param feeSat what the miner gets, in satoshi
public record PaymentResult(String session, String txid, long feeSat) {}
