package org.tutti.regtest;

/// Why the memory pool does not take a transaction.
///
/// @param code as in `reject`, see [RejectCode][org.tutti.lightclient.wire.RejectCode]
/// @param reason in Bitcoin Core's words where it has some
public record Refusal(int code, String reason) {}
