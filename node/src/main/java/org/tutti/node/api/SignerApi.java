package org.tutti.node.api;

/// What a running node can be asked about adverts: its own, and those of other signers.
///
/// Every method throws an ApiException with the code `NO_REQUESTS` where the configuration has no
/// `[requests]`, and `BAD_REQUEST` for a field that is wrong.
public interface SignerApi {
    /// Says what this node co-signs, in place of what it said before; again before it expires,
    /// until it is withdrawn or the node stops.
    ///
    /// @throws ApiException `INVALID` if it breaks a limit of adverts, `NO_ADVERT` if the order
    ///   names no types and the configuration has no `[requests.advertise]`
    SignerInfo advertise(AdvertOrder order) throws ApiException;

    /// Takes back whatever this node's key has advertised.
    AdvertWithdrawn withdrawAdvert() throws ApiException;

    /// Looks for signers: among those that are known, at connected peers and in the DHT.
    Signers findSigners(SignerQuery query) throws ApiException;

    /// Vouches for the key of another signer with this node's.
    ///
    /// @param key 66 hex digits, or a name of `[requests.contacts]`
    /// @param seconds how long it counts, at most ten years
    VouchInfo vouchFor(String key, long seconds) throws ApiException;

    /// What happens to adverts, as the node tells it: each call waits until there is something, or
    /// for the time that is asked for.
    SessionEvents signerEvents(SessionWatch watch) throws ApiException;
}
