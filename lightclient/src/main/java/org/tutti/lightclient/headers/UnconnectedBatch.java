package org.tutti.lightclient.headers;

/// Headers that waited until their parent was known, to be given to [HeaderChain#accept] again.
///
/// @param source who sent them
public record UnconnectedBatch(HeaderSource source, HeaderBatch batch) {}
