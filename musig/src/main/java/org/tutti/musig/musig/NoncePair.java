package org.tutti.musig.musig;

/// What round one makes: the secret half stays, the public half goes to every signer.
///
/// @param secret signs once
/// @param pub is sent
public record NoncePair(SecretNonce secret, PublicNonce pub) {}
